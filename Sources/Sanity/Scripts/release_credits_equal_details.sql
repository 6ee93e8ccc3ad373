-- The lengths of the credits of all releases, as text and row by row: in the text, two characters stand between two.
-- A factor that depends on the id tells releases apart. Nothing is joined, so nothing but two sums is kept.
SELECT
  (
    SELECT CAST(coalesce(sum((length(credits_flat) + 2) * (release_id % 1009 + 1)), 0) AS BIGINT)
    FROM ${schema}.releases_ref_v6
  ) AS found,
  (
    SELECT CAST(coalesce(sum((CASE
        WHEN role IS NULL THEN length(artist_name)
        WHEN artist_name IS NULL THEN length(role)
        ELSE length(role) + length(artist_name) + 2
      END + 2) * (release_id % 1009 + 1)), 0) AS BIGINT)
    FROM ${schema}.release_credit_links_v1_typed
  ) AS expected
