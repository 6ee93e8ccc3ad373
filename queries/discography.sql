-- Discography of an artist under all names and in all roles
-- The releases on which the artist, or one of the artist's aliases, is named: as artist or in a credit, of the release or
-- of one of its tracks. The name is that which is printed there; several tracks of one release with the same role are one
-- row.
WITH wanted AS (
  SELECT 13 AS artist_id -- wanted
),
person AS (
  SELECT artist_id FROM wanted
  UNION
  SELECT alias.alias_id FROM hive.discogs.artist_aliases_v1 alias JOIN wanted ON wanted.artist_id = alias.artist_id
  UNION
  SELECT alias.artist_id FROM hive.discogs.artist_aliases_v1 alias JOIN wanted ON wanted.artist_id = alias.alias_id
),
part AS (
  SELECT release_id, coalesce(anv, artist_name) AS name, 'Artist' AS role
  FROM hive.discogs.release_artist_links_v1_typed WHERE artist_id IN (SELECT artist_id FROM person)
  UNION
  SELECT release_id, coalesce(anv, artist_name) AS name, role
  FROM hive.discogs.release_credit_links_v1_typed WHERE artist_id IN (SELECT artist_id FROM person)
  UNION
  SELECT release_id, coalesce(anv, artist_name) AS name, 'Artist of a track' AS role
  FROM hive.discogs.release_track_artist_links_v1_typed WHERE artist_id IN (SELECT artist_id FROM person)
  UNION
  SELECT release_id, coalesce(anv, artist_name) AS name, role || ' on a track' AS role
  FROM hive.discogs.release_track_credit_links_v1_typed WHERE artist_id IN (SELECT artist_id FROM person)
)
SELECT release.released, part.release_id, release.title, part.name, part.role
FROM hive.discogs.releases_ref_v6 release JOIN part ON part.release_id = release.release_id
WHERE release.release_id IN (SELECT release_id FROM part)
ORDER BY release.released, part.release_id, part.role, part.name
