-- Most reissued masters
-- The ten masters with most versions, in how many countries those came out, and from when until when. A master that has
-- no record of its own is counted, too, and has no title.
WITH version AS (
  SELECT
    release.master_id, count(*) AS versions, count(DISTINCT release.country) AS countries,
    min(detail.released_year) AS first_year, max(detail.released_year) AS last_year
  FROM hive.discogs.releases_ref_v6 release
  JOIN hive.discogs.release_details_v1_typed detail ON detail.release_id = release.release_id
  WHERE release.master_id IS NOT NULL
  GROUP BY release.master_id
  ORDER BY count(*) DESC, release.master_id
  LIMIT 10
)
SELECT
  version.master_id, master.title, master.master_artists, version.versions, version.countries, version.first_year,
  version.last_year
FROM version
LEFT JOIN hive.discogs.masters_v1 master ON master.master_id = version.master_id
ORDER BY version.versions DESC, version.master_id
