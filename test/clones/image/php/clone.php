<?php
/** Must-use plugin of the tests: a clone's behaviour by itself, from the sources. */
foreach ( array( 'migrator-error', 'clone-rules', 'clone-quiet', 'kept-mail', 'kept-mail-screen', 'login-link', 'clone-notice', 'clone' ) as $custom_migrator_class ) {
	require_once getenv( 'TEST_PLUGIN' ) . "/includes/class-$custom_migrator_class.php";
}
Custom_Migrator_Clone::register();
