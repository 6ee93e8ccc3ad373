SELECT entity, changed_columns, count(*) AS n_changed
FROM discogs_history.entity_changes_latest
WHERE run_id = ${run_id} AND previous_run_id = ${previous_run_id} AND change = 'changed'
GROUP BY entity, changed_columns
