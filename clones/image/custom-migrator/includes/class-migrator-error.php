<?php
/**
 * What the plugin refuses, in the house's form: `CODE path: reason. Remedy.` Never with a secret, nor with a site's content.
 *
 * @package Custom_Migrator
 */

/** A refusal with a code that programs can tell apart. */
class Custom_Migrator_Error extends Exception {
	/**
	 * Upper-case name of the refusal, such as `ARCHIVE_CUT`.
	 *
	 * @var string
	 */
	private $name;

	/**
	 * Where an import stands.
	 *
	 * @var array<string, mixed>|null
	 */
	private $state = null;

	/**
	 * Makes the refusal; the code becomes the start of its message.
	 *
	 * @param string $name   Upper-case name of the refusal.
	 * @param string $reason Where, why, and what helps; whole sentences.
	 */
	public function __construct( $name, $reason ) {
		parent::__construct( $name . ' ' . $reason );
		$this->name = $name;
	}

	/**
	 * The code that programs tell apart.
	 *
	 * @return string
	 */
	public function name() {
		return $this->name;
	}

	/**
	 * The same refusal, with where an import stands.
	 *
	 * @param array<string, mixed> $state Of Custom_Migrator_Imports::state().
	 * @return self
	 */
	public function with_state( array $state ) {
		$this->state = $state;
		return $this;
	}

	/**
	 * Where the import stands, if whoever was refused has to know.
	 *
	 * @return array<string, mixed>|null
	 */
	public function state() {
		return $this->state;
	}
}
