-- Each release's styles, once each.
SELECT release_id, style, lower(style) AS style_norm
FROM (SELECT DISTINCT release_id, style FROM ${schema}.release_style_links_v1_typed) release_style
