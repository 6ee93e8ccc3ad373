-- How many releases each label has. A label is its name in lower case; what has no name is no label.
SELECT label_norm, min(label_name) AS label_name_sample, count(DISTINCT release_id) AS n_total_releases
FROM ${schema}.release_label_xref_v1
WHERE label_norm IS NOT NULL
GROUP BY label_norm
