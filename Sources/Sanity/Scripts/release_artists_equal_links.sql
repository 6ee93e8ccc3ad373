-- A row for each release and artist of the links; artists without an id are told apart by name.
SELECT
  (SELECT count(*) FROM ${schema}.release_artists_v1),
  (
    SELECT count(*)
    FROM (
      SELECT DISTINCT release_id, artist_id, CASE WHEN artist_id IS NULL THEN artist_name END
      FROM ${schema}.release_artist_links_v1_typed
    ) link
  )
