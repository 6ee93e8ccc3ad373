SELECT run_id, previous_run_id, entity
FROM discogs_history.run_changes_latest
