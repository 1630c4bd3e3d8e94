<?php
/**
 * Changes a site from what it was to what was imported, and back: tables and folders, by the journal.
 *
 * @package Custom_Migrator
 */

/**
 * Everything was prepared and probed before the journal begins, so that what is left are one statement and some renames. Both
 * parts see by themselves what of them is done: whoever finds a journal that says `swapping` runs forward() again, and only
 * if that can't be, goes back. So a kill leaves the site as it was or as it should be as soon as the next request has begun.
 */
final class Custom_Migrator_Swap {
	/**
	 * What is written before it is done.
	 *
	 * @var Custom_Migrator_Journal
	 */
	private $journal;

	/**
	 * The tables' half.
	 *
	 * @var Custom_Migrator_Staged_Tables
	 */
	private $tables;

	/**
	 * The folders' half.
	 *
	 * @var Custom_Migrator_Folder_Swap
	 */
	private $folders;

	/**
	 * Does nothing yet.
	 *
	 * @param Custom_Migrator_Journal       $journal Of the import.
	 * @param Custom_Migrator_Staged_Tables $tables  Of the import.
	 * @param Custom_Migrator_Folder_Swap   $folders Of the import.
	 */
	public function __construct( Custom_Migrator_Journal $journal, $tables, Custom_Migrator_Folder_Swap $folders ) {
		$this->journal = $journal;
		$this->tables  = $tables;
		$this->folders = $folders;
	}

	/**
	 * Of a journal that is there.
	 *
	 * @param Custom_Migrator_Journal $journal Of the import.
	 * @return self
	 */
	public static function of( Custom_Migrator_Journal $journal ) {
		return new self( $journal, Custom_Migrator_Site::staged( $journal->get( 'tables' ) ), new Custom_Migrator_Folder_Swap( $journal->get( 'groups' ) ) );
	}

	/**
	 * All in its place; afterwards the journal's `step` is `after`.
	 *
	 * @throws Throwable What hindered it; then the site is as it was, and there is no journal.
	 */
	public function forward() {
		try {
			$this->tables->swap();
			$this->folders->forward();
		} catch ( Throwable $error ) {
			$this->back();
			$this->journal->remove();
			throw $error;
		}
		$this->journal->write( array( 'step' => 'after' ) );
	}

	/**
	 * All as it was; afterwards the journal says `rolled-back`, and nothing but leftovers is there.
	 *
	 * @throws Custom_Migrator_Error Of tables and renames; the journal says `rolling-back`, and the next request tries again.
	 */
	public function back() {
		if ( 'rolled-back' === $this->journal->phase() ) {
			return;
		}
		$this->journal->write( array( 'phase' => 'rolling-back' ) );
		$this->folders->back();
		$this->tables->unswap();
		$this->journal->write( array( 'phase' => 'rolled-back' ) );
	}

	/**
	 * Removes what is kept for going back, or what is left behind it; the journal last.
	 *
	 * @param float $until Of microtime().
	 * @return bool Whether all is gone.
	 */
	public function clean( $until ) {
		if ( 'swapped' === $this->journal->phase() ) {
			// From here on there is no way back, even if this is cut.
			$this->journal->write( array( 'until' => 0 ) );
			$this->tables->drop_saved();
		} else {
			$this->tables->discard();
		}
		foreach ( (array) $this->journal->get( 'homes' ) as $home ) {
			if ( $home !== $this->journal->home() && ! Custom_Migrator_Site_Folders::remove( $home, $until ) ) {
				return false;
			}
		}
		foreach ( array( 'staged', 'saved' ) as $name ) {
			if ( ! Custom_Migrator_Site_Folders::remove( $this->journal->home() . '/' . $name, $until ) ) {
				return false;
			}
		}
		Custom_Migrator_Site::store()->forget( (string) $this->journal->get( 'job' ) );
		$this->journal->remove();
		return Custom_Migrator_Site_Folders::remove( $this->journal->home(), $until );
	}
}
