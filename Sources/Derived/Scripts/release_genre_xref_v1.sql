-- Each release's genres, once each.
SELECT release_id, genre, lower(genre) AS genre_norm
FROM (SELECT DISTINCT release_id, genre FROM ${schema}.release_genre_links_v1_typed) release_genre
