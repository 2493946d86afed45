# SPDX-License-Identifier: LGPL-2.1-or-later
"""Several operations that become one change."""

from .library import Runconf
from .values import check_path, check_text, to_variant

__all__ = ["Transaction"]


class Transaction(Runconf.Transaction):
    """Several operations that become one change; takes plain values."""

    def set_value(self, path, value):
        super().set_value(check_path(path), to_variant(value))

    def replace_value(self, path, value):
        super().replace_value(check_path(path), to_variant(value))

    def merge(self, path, patch):
        super().merge(check_path(path), to_variant(patch))

    def save(self, config):
        super().save(to_variant(config))

    def merge_text(self, text):
        super().merge_text(check_text(text))

    def replace_text(self, text):
        super().replace_text(check_text(text))


def make_transaction(message=None, if_version=None, dry_run=False, confirm_timeout=None, boot=False):
    """A transaction with its options, and without operations."""
    transaction = Transaction()
    if message is not None:
        transaction.set_message(check_text(message))
    if if_version is not None:
        transaction.set_if_version(if_version)
    transaction.set_dry_run(dry_run)
    transaction.set_boot(boot)
    if confirm_timeout is not None:
        transaction.set_confirm_timeout(confirm_timeout)
    return transaction


class TransactionBlock:
    """The object of `with config.transaction () as t`: it is applied at the end of the block.

    If the block raises, nothing is applied. Afterwards `version` and `changed` hold the outcome.
    """

    def __init__(self, configuration, transaction):
        self._configuration = configuration
        self._transaction = transaction
        self.version = None
        self.changed = None

    def set(self, path, value):
        self._transaction.set_value(path, value)

    def merge(self, patch, path=""):
        """Overrides each leaf of the patch; None drops the override at its place."""
        self._transaction.merge(path, patch)

    def replace(self, path, value):
        """Overrides the value as a whole: a mapping isn't merged with the default."""
        self._transaction.replace_value(path, value)

    def reset(self, path):
        self._transaction.reset(check_path(path))

    def unset(self, path):
        """Takes the value away, the default too."""
        self._transaction.unset(check_path(path))

    def save(self, config):
        self._transaction.save(config)

    def __enter__(self):
        return self

    def __exit__(self, error, *_):
        if error is None:
            self.changed, self.version = self._configuration.apply_sync(self._transaction)

    async def __aenter__(self):
        return self

    async def __aexit__(self, error, *_):
        if error is None:
            applied = await self._configuration.apply_async(self._transaction)
            self.changed, self.version = applied
