-- The lengths of the genres of all releases, as text and row by row: in the text, two characters stand between two.
-- A factor that depends on the id tells releases apart. Nothing is joined, so nothing but two sums is kept.
SELECT
  (
    SELECT CAST(coalesce(sum((length(genres) + 2) * (release_id % 1009 + 1)), 0) AS BIGINT)
    FROM ${schema}.releases_ref_v6
  ) AS found,
  (
    SELECT CAST(coalesce(sum((length(genre) + 2) * (release_id % 1009 + 1)), 0) AS BIGINT)
    FROM ${schema}.release_genre_links_v1_typed
  ) AS expected
