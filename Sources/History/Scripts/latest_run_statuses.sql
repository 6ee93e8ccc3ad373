SELECT run_id, schema_name, status, details
FROM discogs_history.run_registry_latest
