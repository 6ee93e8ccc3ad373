-- Labels whose number of releases is not what counting them again gives, on either side.
SELECT
  count(CASE WHEN counted.n IS NULL OR recounted.n IS NULL OR counted.n <> recounted.n THEN 1 END) AS found,
  0 AS expected
FROM (
  SELECT label_norm, n_total_releases AS n FROM ${schema}.label_release_counts_v1 WHERE label_norm IS NOT NULL
) counted
FULL OUTER JOIN (
  SELECT label_norm, count(*) AS n
  FROM (
    SELECT DISTINCT label_norm, release_id
    FROM ${schema}.release_label_xref_v1
    WHERE label_norm IS NOT NULL AND release_id IS NOT NULL
  ) link
  GROUP BY label_norm
) recounted
ON counted.label_norm = recounted.label_norm
