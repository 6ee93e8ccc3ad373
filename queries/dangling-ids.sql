-- Releases that name what does not exist
-- Ids of artists, labels, companies and masters that releases refer to and that no record has, with the number of releases
-- and the first of them. On real dumps the artists 194 (Various) and 118760 (No Artist) come first: they never have one.
WITH named AS (
  SELECT 'artist' AS kind, artist_id AS id, release_id FROM hive.discogs.release_artist_links_v1_typed
  UNION ALL
  SELECT 'label' AS kind, label_id AS id, release_id FROM hive.discogs.release_label_links_v1_typed
  UNION ALL
  SELECT 'company' AS kind, company_id AS id, release_id FROM hive.discogs.release_company_links_v1_typed
  UNION ALL
  SELECT 'master' AS kind, master_id AS id, release_id FROM hive.discogs.releases_ref_v6
),
record AS (
  SELECT 'artist' AS kind, artist_id AS id FROM hive.discogs.artists_v1
  UNION ALL
  SELECT 'label' AS kind, label_id AS id FROM hive.discogs.labels_ref_v10
  UNION ALL
  SELECT 'company' AS kind, label_id AS id FROM hive.discogs.labels_ref_v10
  UNION ALL
  SELECT 'master' AS kind, master_id AS id FROM hive.discogs.masters_v1
)
SELECT named.kind, named.id, count(DISTINCT named.release_id) AS releases, min(named.release_id) AS first_release_id
FROM named
LEFT JOIN record ON record.kind = named.kind AND record.id = named.id
WHERE named.id IS NOT NULL AND record.id IS NULL
GROUP BY named.kind, named.id
ORDER BY count(DISTINCT named.release_id) DESC, named.kind, named.id
LIMIT 50
