-- Companies that pressed for a label
-- On how many of the label's releases each pressing plant is named, and from when until when. Write the label's name in
-- lower case; other company roles are found as Printed By, Lacquer Cut At, Distributed By and so on.
WITH item AS (
  SELECT DISTINCT release_id
  FROM hive.discogs.release_label_xref_v1
  WHERE label_norm = 'eriksson & sons' -- wanted
),
pressed AS (
  SELECT plant.company_id, plant.company_name, plant.release_id
  FROM hive.discogs.release_company_links_v1_typed plant JOIN item ON item.release_id = plant.release_id
  WHERE plant.entity_type_name = 'Pressed By' -- wanted
)
SELECT
  pressed.company_id, min(pressed.company_name) AS company, count(DISTINCT pressed.release_id) AS releases,
  min(release.released) AS first_released, max(release.released) AS last_released
FROM hive.discogs.releases_ref_v6 release JOIN pressed ON pressed.release_id = release.release_id
GROUP BY pressed.company_id
ORDER BY count(DISTINCT pressed.release_id) DESC, pressed.company_id
