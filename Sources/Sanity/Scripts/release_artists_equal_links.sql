-- A row for each id that a release's links name, and for each name of those without an id. An id of 0, which runs made
-- by earlier versions hold, is none: whoever takes it for an artist makes one row of many.
SELECT
  (SELECT count(*) FROM ${schema}.release_artists_v1 WHERE ${part}) AS found,
  (
    SELECT count(*)
    FROM (
      SELECT DISTINCT release_id, artist_id
      FROM ${schema}.release_artist_links_v1_typed
      WHERE artist_id <> 0 AND ${part}
    ) with_id
  ) + (
    SELECT count(*)
    FROM (
      SELECT DISTINCT release_id, artist_name
      FROM ${schema}.release_artist_links_v1_typed
      WHERE (artist_id IS NULL OR artist_id = 0) AND artist_name IS NOT NULL AND ${part}
    ) without_id
  ) AS expected
