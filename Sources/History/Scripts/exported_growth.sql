SELECT run_id, previous_run_id, kpi_name, kpi_value, previous_value, delta, delta_bp
FROM discogs_history.kpi_growth
