<?php
/**
 * What becomes of rows between an archive and a new table.
 *
 * @package Custom_Migrator
 */

/** Left out, named by our prefix, rewritten, made anonymous, noted as they were, written: in this order. */
final class Custom_Migrator_Row_Intake {
	/**
	 * Of the new site's tables.
	 *
	 * @var string
	 */
	private $prefix;

	/**
	 * Of the source's.
	 *
	 * @var string
	 */
	private $source_prefix;

	/**
	 * Names with prefixes.
	 *
	 * @var Custom_Migrator_Prefix_Map
	 */
	private $names;

	/**
	 * URLs.
	 *
	 * @var Custom_Migrator_Row_Urls
	 */
	private $urls;

	/**
	 * Persons; null where they stay.
	 *
	 * @var Custom_Migrator_Anonymizer|null
	 */
	private $persons;

	/**
	 * Writes rows.
	 *
	 * @var Custom_Migrator_Table_Writer
	 */
	private $writer;

	/**
	 * What rows were, on clones.
	 *
	 * @var Custom_Migrator_Clone_Base|null
	 */
	private $base;

	/**
	 * How often each problem came, by `code table column`.
	 *
	 * @var array<string, int>
	 */
	private $problems = array();

	/**
	 * Learns a job's rules.
	 *
	 * @param Custom_Migrator_Database $database Where to.
	 * @param string                   $prefix   Of its tables.
	 * @param array<string, mixed>     $job      As Custom_Migrator_Staged_Tables has it.
	 * @param string                   $salt     Random, of the job.
	 * @throws Custom_Migrator_Error `URL_INVALID`.
	 */
	public function __construct( Custom_Migrator_Database $database, $prefix, array $job, $salt ) {
		$this->prefix        = $prefix;
		$this->source_prefix = (string) $job['site']['prefix'];
		$this->names         = new Custom_Migrator_Prefix_Map( $this->source_prefix, $prefix );
		$this->urls          = new Custom_Migrator_Row_Urls( Custom_Migrator_Row_Urls::map( array_filter( array_intersect_key( $job['site'], array_flip( array( 'home', 'siteurl', 'uploads_url' ) ) ) ), $job['own'] ) );
		$this->persons       = ! empty( $job['anonymize'] ) && 'clone' === $job['mode'] ? new Custom_Migrator_Anonymizer( $salt ) : null;
		$this->writer        = new Custom_Migrator_Table_Writer( $database );
		$this->base          = 'clone' === $job['mode'] ? new Custom_Migrator_Clone_Base( $database, $prefix ) : null;
	}

	/**
	 * Takes rows into a table.
	 *
	 * @param string                              $table Without prefix.
	 * @param array<string, mixed>                $entry `number`, `types`, `into`, `bounds`, `key`.
	 * @param array<int, array<int, string|null>> $rows  Values in the order of `types`.
	 * @throws Custom_Migrator_Error `DATABASE`, `URL_REWRITE`.
	 */
	public function take( $table, array $entry, array $rows ) {
		$columns = array_keys( $entry['types'] );
		$taken   = array();
		$was     = array();
		foreach ( $rows as $index => $values ) {
			$source = array_combine( $columns, $values );
			// A frame may be large, and the values are in the other list now.
			unset( $rows[ $index ] );
			if ( ! Custom_Migrator_Row_Rules::is_copied( $table, $source ) ) {
				continue;
			}
			$row = $this->urls->row( $table, $entry['types'], $this->names->row( $table, $source ) );
			$row = null === $this->persons ? $row : $this->persons->row( $table, $entry['types'], $row, $entry['bounds'] );
			if ( null === $row ) {
				continue;
			}
			if ( null !== $this->base && ! Custom_Migrator_Row_Rules::is_volatile( $table, $source ) ) {
				$hash  = Custom_Migrator_Row_Hash::of( $table, $entry['types'], $source );
				$was[] = array( Custom_Migrator_Row_Hash::name( $source, $entry['key'], $this->source_prefix, $hash ), $hash, $row === $source ? $hash : Custom_Migrator_Row_Hash::of( $table, $entry['types'], $row ) );
			}
			$taken[] = $row;
		}
		$this->writer->insert( $this->prefix . 'cm_n' . (int) $entry['number'], $entry['into'], $taken );
		foreach ( $this->writer->problems() as $code => $count ) {
			$this->note( "$code $table", $count );
		}
		foreach ( $this->urls->take_problems() as $place => $count ) {
			$this->note( $place, $count );
		}
		if ( null !== $this->base ) {
			$this->base->add( $table, $was );
		}
	}

	/**
	 * What happened, and is forgotten here then.
	 *
	 * @return array<string, int> How often by `code table column`.
	 */
	public function take_problems() {
		$problems       = $this->problems;
		$this->problems = array();
		return $problems;
	}

	/**
	 * Counts a problem.
	 *
	 * @param string $place `code table column`.
	 * @param int    $count How often.
	 */
	private function note( $place, $count ) {
		$this->problems[ $place ] = $count + ( isset( $this->problems[ $place ] ) ? $this->problems[ $place ] : 0 );
	}
}
