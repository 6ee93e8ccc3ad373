-- Labels whose number of releases is not what counting them again gives, on either side.
SELECT
  count(CASE WHEN counted.n IS NULL OR recounted.n IS NULL OR counted.n <> recounted.n THEN 1 END),
  0
FROM (
  SELECT label_norm, n_total_releases AS n FROM ${schema}.label_release_counts_v1 WHERE label_norm IS NOT NULL
) counted
FULL OUTER JOIN (
  SELECT label_norm, count(DISTINCT release_id) AS n
  FROM ${schema}.release_label_xref_v1
  WHERE label_norm IS NOT NULL
  GROUP BY label_norm
) recounted
ON counted.label_norm = recounted.label_norm
