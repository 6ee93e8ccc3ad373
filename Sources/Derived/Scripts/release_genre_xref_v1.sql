-- Each release's genres, once each.
--
-- There are few different ones: each gets a number in the order of names, so that what is compared and sorted are
-- numbers, and the names are put back at the end.
WITH name AS (
  SELECT genre, row_number() OVER (ORDER BY lower(genre), genre) AS genre_rank
  FROM (SELECT DISTINCT genre FROM ${schema}.release_genre_links_v1_typed WHERE genre IS NOT NULL) different
)
SELECT release_id, genres[genre_rank] AS genre, lower(genres[genre_rank]) AS genre_norm
FROM (
  SELECT release_id, genre_rank
  FROM (
    SELECT DISTINCT release_id, genre_rank
    FROM ${schema}.release_genre_links_v1_typed link
    LEFT JOIN name ON name.genre = link.genre
  ) different
  ${order}
) release_genre
CROSS JOIN (SELECT array_agg(genre ORDER BY genre_rank) AS genres FROM name) names
