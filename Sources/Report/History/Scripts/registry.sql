SELECT event_ts_utc, run_id, schema_name, is_active, status, details, dump_month, dump_date, run_mode, git_sha
FROM discogs_history.run_registry_latest
