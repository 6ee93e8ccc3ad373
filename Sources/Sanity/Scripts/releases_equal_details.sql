-- The lengths of a text of all releases that joins the rows of a detail dataset, as text and row by row: in the text, two
-- characters stand between two rows. A factor that depends on the id tells releases apart. Nothing is joined, so nothing
-- but two sums is kept.
SELECT
  (
    SELECT CAST(coalesce(sum((length(${flat}) + 2) * (release_id % 1009 + 1)), 0) AS BIGINT)
    FROM ${schema}.releases_ref_v6
  ) AS found,
  (
    SELECT CAST(coalesce(sum((${length} + 2) * (release_id % 1009 + 1)), 0) AS BIGINT)
    FROM ${schema}.${details}
  ) AS expected
