-- Each release's labels with their catalogue numbers; what a release says twice is here once.
SELECT release_id, label_name, lower(label_name) AS label_norm, label_catno, label_id
FROM (
  SELECT DISTINCT release_id, label_name, catno AS label_catno, label_id
  FROM ${schema}.release_label_links_v1_typed
) release_label
