-- Each release's styles, once each.
--
-- There are few different ones: each gets a number in the order of names, so that what is compared and sorted are
-- numbers, and the names are put back at the end.
WITH name AS (
  SELECT style, row_number() OVER (ORDER BY lower(style), style) AS style_rank
  FROM (SELECT DISTINCT style FROM ${schema}.release_style_links_v1_typed WHERE style IS NOT NULL) different
)
SELECT release_id, styles[style_rank] AS style, lower(styles[style_rank]) AS style_norm
FROM (
  SELECT release_id, style_rank
  FROM (
    SELECT DISTINCT release_id, style_rank
    FROM ${schema}.release_style_links_v1_typed link
    LEFT JOIN name ON name.style = link.style
  ) different
  ${order}
) release_style
CROSS JOIN (SELECT array_agg(style ORDER BY style_rank) AS styles FROM name) names
