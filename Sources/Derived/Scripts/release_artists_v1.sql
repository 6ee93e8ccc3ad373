-- Each release's artists, once each, under the name they have where they come first.
--
-- An artist is known by its id; artists without one are told apart by their names.
SELECT release_id, lower(artist_name) AS artist_norm, artist_id, artist_name
FROM (
  SELECT
    release_id,
    artist_id,
    min_by(artist_name, position) FILTER (WHERE artist_name IS NOT NULL) AS artist_name
  FROM ${schema}.release_artist_links_v1_typed
  GROUP BY release_id, artist_id, CASE WHEN artist_id IS NULL THEN artist_name END
) release_artist
