SELECT run_id, schema_name, status, details, is_active
FROM discogs_history.run_registry_latest
