-- Each release's artists, once each, under the name they have where they come first.
--
-- An artist is known by its id; artists without one are told apart by their names. Links with neither say nothing.
--
-- Nearly every artist stands once on a release. Only those that are repeated are grouped: to group them all would take
-- a table of every name in memory.
WITH repeated AS (
  SELECT release_id, coalesce(artist_id, -1) AS artist_key
  FROM ${schema}.release_artist_links_v1_typed
  GROUP BY release_id, coalesce(artist_id, -1)
  HAVING count(*) > 1
)
SELECT release_id, lower(artist_name) AS artist_norm, artist_id, artist_name
FROM (
  SELECT link.release_id AS release_id, artist_id, artist_name
  FROM ${schema}.release_artist_links_v1_typed link
  LEFT JOIN repeated ON repeated.release_id = link.release_id AND artist_key = coalesce(artist_id, -1)
  WHERE artist_key IS NULL AND (artist_id IS NOT NULL OR artist_name IS NOT NULL)
  UNION ALL
  SELECT
    link.release_id AS release_id,
    artist_id,
    min_by(artist_name, position) FILTER (WHERE artist_name IS NOT NULL) AS artist_name
  FROM ${schema}.release_artist_links_v1_typed link
  JOIN repeated ON repeated.release_id = link.release_id AND artist_key = coalesce(artist_id, -1)
  WHERE artist_id IS NOT NULL OR artist_name IS NOT NULL
  GROUP BY link.release_id, artist_id, CASE WHEN artist_id IS NULL THEN artist_name END
  ${order}
) release_artist
