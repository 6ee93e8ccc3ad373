"""The datasets and their columns, as the contract lists them. A column is VARCHAR unless it says otherwise."""

IMAGES = "position BIGINT, type, width BIGINT, height BIGINT, uri, uri150"
ARTIST = "artist_id BIGINT, artist_name, anv"
VIDEOS = "position BIGINT, src, duration_seconds BIGINT, is_embeddable BOOLEAN, title, description"

CORE = {
    "artists_v1_typed": "artist_id BIGINT, name, realname, profile, data_quality, urls, namevariations, aliases",
    "artist_aliases_v1_typed": "artist_id BIGINT, alias_id BIGINT, alias_name",
    "artist_memberships_v1_typed": "group_id BIGINT, group_name, member_id BIGINT, member_name",
    "masters_v1_typed": "master_id BIGINT, main_release_id BIGINT, title, year BIGINT, master_artists, master_artist_ids, genres, styles, data_quality",
    "releases_v6": "release_id BIGINT, master_id BIGINT, title, artists, labels, label_catnos, country, formats, genres, styles, credits_flat, status, "
                   "released, data_quality, format_qtys, format_texts, format_descriptions, identifiers_flat",
    "labels_v10": "label_id BIGINT, name, profile, contact_info, data_quality, parent_label_id BIGINT, parent_label_name, urls_csv, sublabel_ids_csv, "
                  "sublabel_names_csv",
    "release_artist_links_v1_typed": f"release_id BIGINT, position BIGINT, {ARTIST}, join_phrase",
    "release_label_links_v1_typed": "release_id BIGINT, position BIGINT, label_id BIGINT, label_name, catno",
    "release_genre_links_v1_typed": "release_id BIGINT, position BIGINT, genre",
    "release_style_links_v1_typed": "release_id BIGINT, position BIGINT, style",
}
DETAIL = {
    "release_details_v1_typed": "release_id BIGINT, artist_credit, is_main_release BOOLEAN, released_year BIGINT, released_month BIGINT, released_day BIGINT, notes",
    "release_credit_links_v1_typed": f"release_id BIGINT, position BIGINT, {ARTIST}, role, tracks",
    "release_tracks_v1_typed": "release_id BIGINT, position BIGINT, parent_position BIGINT, kind, number, title, duration, duration_seconds BIGINT, artist_credit",
    "release_track_artist_links_v1_typed": f"release_id BIGINT, track_position BIGINT, position BIGINT, {ARTIST}, join_phrase",
    "release_track_credit_links_v1_typed": f"release_id BIGINT, track_position BIGINT, position BIGINT, {ARTIST}, role",
    "release_company_links_v1_typed": "release_id BIGINT, position BIGINT, company_id BIGINT, company_name, catno, entity_type BIGINT, entity_type_name",
    "release_formats_v1_typed": "release_id BIGINT, position BIGINT, name, qty, text, descriptions",
    "release_format_descriptions_v1_typed": "release_id BIGINT, format_position BIGINT, position BIGINT, description",
    "release_identifiers_v1_typed": "release_id BIGINT, position BIGINT, type, description, value",
    "release_series_links_v1_typed": "release_id BIGINT, position BIGINT, series_id BIGINT, series_name, catno",
    "release_videos_v1_typed": f"release_id BIGINT, {VIDEOS}",
    "release_images_v1_typed": f"release_id BIGINT, {IMAGES}",
    "artist_urls_v1_typed": "artist_id BIGINT, position BIGINT, url",
    "artist_name_variations_v1_typed": "artist_id BIGINT, position BIGINT, name",
    "artist_images_v1_typed": f"artist_id BIGINT, {IMAGES}",
    "label_images_v1_typed": f"label_id BIGINT, {IMAGES}",
    "master_images_v1_typed": f"master_id BIGINT, {IMAGES}",
    "label_urls_v1_typed": "label_id BIGINT, position BIGINT, url",
    "label_sublabel_links_v1_typed": "label_id BIGINT, position BIGINT, sublabel_id BIGINT, sublabel_name",
    "master_details_v1_typed": "master_id BIGINT, artist_credit, notes",
    "master_artist_links_v1_typed": f"master_id BIGINT, position BIGINT, {ARTIST}, join_phrase",
    "master_genre_links_v1_typed": "master_id BIGINT, position BIGINT, genre",
    "master_style_links_v1_typed": "master_id BIGINT, position BIGINT, style",
    "master_videos_v1_typed": f"master_id BIGINT, {VIDEOS}",
}
DERIVED = {
    "artist_name_map_v1": "norm_name, artist_id BIGINT",
    "release_artists_v1": "release_id BIGINT, artist_norm, artist_id BIGINT, artist_name",
    "release_label_xref_v1": "release_id BIGINT, label_name, label_norm, label_catno, label_id BIGINT",
    "label_release_counts_v1": "label_norm, label_name_sample, n_total_releases BIGINT",
    "release_genre_xref_v1": "release_id BIGINT, genre, genre_norm",
    "release_style_xref_v1": "release_id BIGINT, style, style_norm",
}
DERIVED_FROM_DETAIL = {"release_barcode_xref_v1": "barcode_norm, release_id BIGINT, is_valid BOOLEAN, gtin14"}

ALL = CORE | DETAIL | DERIVED | DERIVED_FROM_DETAIL


def columns(dataset):
    """[(name, type)] in order."""
    return [(*column.split(), "VARCHAR")[:2] for column in ALL[dataset].split(", ")]


def datasets(kind):
    """The names of a run's datasets, `kind` being `core` or `all`."""
    return [*CORE, *DERIVED] if kind == "core" else list(ALL)


def entity(dataset):
    """The dump that a dataset is read from, None for a derived one."""
    if dataset in DERIVED or dataset in DERIVED_FROM_DETAIL:
        return None
    return dataset.removesuffix("s_v6").removesuffix("s_v10").removesuffix("s_v1_typed").split("_")[0].removesuffix("s") + "s"
