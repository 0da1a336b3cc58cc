"""What a method keeps of scikit-learn's estimators, whose import takes longer than a check of data.

``sklearn.base.clone`` and what else asks for ``get_params`` take methods as they are.
"""

from __future__ import annotations

from copy import deepcopy
from inspect import signature
from typing import Any, Self


class Estimator:
    """Parameters that ``__init__`` stores under their names, and a word where it is not fitted."""

    def get_params(self, deep: bool = True) -> dict[str, Any]:
        """Return the parameters by name; ``deep`` with those of a method inside, ``of__by``."""
        own = {name: getattr(self, name) for name in signature(type(self)).parameters}
        if not deep:
            return own
        inside = [(name, each) for name, each in own.items() if hasattr(each, "get_params")]
        return own | {f"{n}__{k}": v for n, each in inside for k, v in each.get_params().items()}

    def set_params(self, **parameters: Any) -> Self:
        """Set parameters by name, ``of__by`` in a method inside; return the method."""
        for name, value in parameters.items():
            outer, _dunder, inner = name.partition("__")
            if outer not in signature(type(self)).parameters:
                raise ValueError(f"{type(self).__name__} has no parameter '{outer}'.")
            if inner:
                getattr(self, outer).set_params(**{inner: value})
            else:
                setattr(self, outer, value)
        return self

    def anew(self) -> Self:
        """Return the same scheme, ready to learn from other customers."""
        return unfitted(self)

    def check_fitted(self, learned: str = "tiers_") -> None:
        """Raise an ``AttributeError`` where ``fit`` was not called."""
        if not hasattr(self, learned):
            raise AttributeError(f"This {type(self).__name__} is not fitted yet; call 'fit' first.")

    def __repr__(self) -> str:
        usual = {name: known.default for name, known in signature(type(self)).parameters.items()}
        given = self.get_params(deep=False)
        said = [f"{n}={v!r}" for n, v in given.items() if repr(v) != repr(usual[n])]
        return f"{type(self).__name__}({', '.join(said)})"


def unfitted(method: Any) -> Any:
    """Return a method with the same parameters that has learned nothing."""
    return type(method)(**deepcopy(method.get_params(deep=False)))
