-- The lengths of the identifiers of all releases, as text and row by row: in the text, two characters stand between two.
-- A factor that depends on the id tells releases apart. Nothing is joined, so nothing but two sums is kept.
SELECT
  (
    SELECT CAST(coalesce(sum((length(identifiers_flat) + 2) * (release_id % 1009 + 1)), 0) AS BIGINT)
    FROM ${schema}.releases_ref_v6
  ) AS found,
  (
    SELECT CAST(coalesce(sum((coalesce(length(type), 0)
      + coalesce(length(description) + CASE WHEN type IS NULL THEN 2 ELSE 3 END, 0)
      + coalesce(length(value) + CASE WHEN type IS NULL AND description IS NULL THEN 2 ELSE 3 END, 0) + 2) * (release_id % 1009 + 1)), 0) AS BIGINT)
    FROM ${schema}.release_identifiers_v1_typed
  ) AS expected
