-- A row for each id that a release's links name, and for each name of those without an id.
SELECT
  (SELECT count(*) FROM ${schema}.release_artists_v1 WHERE ${part}) AS found,
  (
    SELECT count(*)
    FROM (
      SELECT DISTINCT release_id, artist_id
      FROM ${schema}.release_artist_links_v1_typed
      WHERE artist_id IS NOT NULL AND ${part}
    ) with_id
  ) + (
    SELECT count(*)
    FROM (
      SELECT DISTINCT release_id, artist_name
      FROM ${schema}.release_artist_links_v1_typed
      WHERE artist_id IS NULL AND artist_name IS NOT NULL AND ${part}
    ) without_id
  ) AS expected
