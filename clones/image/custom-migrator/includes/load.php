<?php
/**
 * Loads all of the plugin's classes.
 *
 * @package Custom_Migrator
 */

if ( ! defined( 'ABSPATH' ) ) {
	exit;
}

// A list, and no autoloader: each file is read once in a request, and none by a name that came from outside.
require_once __DIR__ . '/class-migrator-error.php';
require_once __DIR__ . '/interface-database.php';
require_once __DIR__ . '/class-anonymizer.php';
require_once __DIR__ . '/class-archive-format.php';
require_once __DIR__ . '/class-archive-reader.php';
require_once __DIR__ . '/class-archive-rules.php';
require_once __DIR__ . '/class-archive-writer.php';
require_once __DIR__ . '/class-clone-base.php';
require_once __DIR__ . '/class-clone-notice.php';
require_once __DIR__ . '/class-clone-quiet.php';
require_once __DIR__ . '/class-clone-rules.php';
require_once __DIR__ . '/class-clone-setup.php';
require_once __DIR__ . '/class-clone.php';
require_once __DIR__ . '/class-export.php';
require_once __DIR__ . '/class-file-staging.php';
require_once __DIR__ . '/class-file-walk.php';
require_once __DIR__ . '/class-fingerprint-stream.php';
require_once __DIR__ . '/class-fingerprint.php';
require_once __DIR__ . '/class-finish.php';
require_once __DIR__ . '/class-folder-swap.php';
require_once __DIR__ . '/class-frame-sink.php';
require_once __DIR__ . '/class-import-steps.php';
require_once __DIR__ . '/class-import-store.php';
require_once __DIR__ . '/class-imports.php';
require_once __DIR__ . '/class-journal.php';
require_once __DIR__ . '/class-keepsakes.php';
require_once __DIR__ . '/class-kept-mail-screen.php';
require_once __DIR__ . '/class-kept-mail.php';
require_once __DIR__ . '/class-keys.php';
require_once __DIR__ . '/class-left-out.php';
require_once __DIR__ . '/class-leftovers.php';
require_once __DIR__ . '/class-lock.php';
require_once __DIR__ . '/class-login-link.php';
require_once __DIR__ . '/class-long-values.php';
require_once __DIR__ . '/class-option-table.php';
require_once __DIR__ . '/class-prefix-map.php';
require_once __DIR__ . '/class-replay.php';
require_once __DIR__ . '/class-rest.php';
require_once __DIR__ . '/class-restore-merge.php';
require_once __DIR__ . '/class-routes.php';
require_once __DIR__ . '/class-row-hash.php';
require_once __DIR__ . '/class-row-intake.php';
require_once __DIR__ . '/class-row-rules.php';
require_once __DIR__ . '/class-row-urls.php';
require_once __DIR__ . '/class-scopes.php';
require_once __DIR__ . '/class-serialized-list.php';
require_once __DIR__ . '/class-serialized-walker.php';
require_once __DIR__ . '/class-site-folders.php';
require_once __DIR__ . '/class-site-status.php';
require_once __DIR__ . '/class-site-tables.php';
require_once __DIR__ . '/class-site.php';
require_once __DIR__ . '/class-sqlite-statements.php';
require_once __DIR__ . '/class-staged-tables.php';
require_once __DIR__ . '/class-staging-plan.php';
require_once __DIR__ . '/class-swap.php';
require_once __DIR__ . '/class-table-export.php';
require_once __DIR__ . '/class-table-sql.php';
require_once __DIR__ . '/class-table-swap.php';
require_once __DIR__ . '/class-table-writer.php';
require_once __DIR__ . '/class-target-options.php';
require_once __DIR__ . '/class-ticket.php';
require_once __DIR__ . '/class-url-rewriter.php';
require_once __DIR__ . '/class-wpdb-database.php';
