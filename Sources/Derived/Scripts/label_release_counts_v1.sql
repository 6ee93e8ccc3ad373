-- How many releases each label has. A label is its name in lower case; what has no name is no label.
--
-- Most releases stand once in the cross-reference, and need not be told apart to be counted.
WITH repeated AS (
  SELECT release_id FROM ${schema}.release_label_xref_v1 GROUP BY release_id HAVING count(*) > 1
)
SELECT label_norm, min(label_name) AS label_name_sample, sum(n) AS n_total_releases
FROM (
  SELECT label_norm, min(label_name) AS label_name, count(*) AS n
  FROM ${schema}.release_label_xref_v1 label
  LEFT JOIN repeated ON repeated.release_id = label.release_id
  WHERE label_norm IS NOT NULL AND repeated.release_id IS NULL
  GROUP BY label_norm
  UNION ALL
  SELECT label_norm, min(label_name) AS label_name, count(DISTINCT label.release_id) AS n
  FROM ${schema}.release_label_xref_v1 label
  JOIN repeated ON repeated.release_id = label.release_id
  WHERE label_norm IS NOT NULL
  GROUP BY label_norm
) counted
GROUP BY label_norm
${order}
