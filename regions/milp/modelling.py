"""How a column and a row are added to a model of gurobipy, highspy, PySCIPOpt or Pyomo: one adapter a tool."""

import math

from ..errors import InputError


class _Gurobi:
    """A ``gurobipy.Model``."""

    def __init__(self, model):
        import gurobipy  # who has such a model has the package

        self._model, self._expression = model, gurobipy.LinExpr

    def column(self, lower, upper, binary):
        return self._model.addVar(lb=lower, ub=upper, vtype="B" if binary else "C")

    def row(self, lower, variables, values, upper):
        sum_ = self._expression(values, variables)
        if lower == upper:
            self._model.addLConstr(sum_, "=", upper)
            return
        for sense, end in ((">", lower), ("<", upper)):
            if math.isfinite(end):
                self._model.addLConstr(sum_, sense, end)


class _Highs:
    """A ``highspy.Highs``; its variables know their column."""

    def __init__(self, model):
        import highspy

        self._model, self._integer = model, highspy.HighsVarType.kInteger
        self._continuous = highspy.HighsVarType.kContinuous

    def column(self, lower, upper, binary):
        kind = self._integer if binary else self._continuous
        return self._model.addVariable(lb=lower, ub=upper, type=kind)

    def row(self, lower, variables, values, upper):
        columns = [variable.index for variable in variables]
        self._model.addRow(lower, upper, len(columns), columns, values)


class _Scip:
    """A ``pyscipopt.Model``."""

    def __init__(self, model):
        import pyscipopt

        self._model, self._sum = model, pyscipopt.quicksum

    def column(self, lower, upper, binary):
        ends = (None if math.isinf(end) else float(end) for end in (lower, upper))
        return self._model.addVar(lb=next(ends), ub=next(ends), vtype="B" if binary else "C")

    def row(self, lower, variables, values, upper):
        sum_ = self._sum(c * v for c, v in zip(values, variables, strict=True))
        if lower == upper:
            self._model.addCons(sum_ == float(upper))
            return
        if math.isfinite(lower):
            self._model.addCons(sum_ >= float(lower))
        if math.isfinite(upper):
            self._model.addCons(sum_ <= float(upper))


class _Pyomo:
    """A Pyomo block; columns and rows go into two lists of their own in it."""

    def __init__(self, model):
        import pyomo.environ as pyomo
        from pyomo.common.modeling import unique_component_name as fresh

        self._columns, self._rows = pyomo.VarList(), pyomo.ConstraintList()
        model.add_component(fresh(model, "network_columns"), self._columns)
        model.add_component(fresh(model, "network_rows"), self._rows)
        self._binary, self._real = pyomo.Binary, pyomo.Reals
        self._sum = pyomo.quicksum

    def column(self, lower, upper, binary):
        column = self._columns.add()
        column.domain = self._binary if binary else self._real
        column.setlb(None if math.isinf(lower) else float(lower))
        column.setub(None if math.isinf(upper) else float(upper))
        return column

    def row(self, lower, variables, values, upper):
        ends = [None if math.isinf(end) else float(end) for end in (lower, upper)]
        sum_ = self._sum(c * v for c, v in zip(values, variables, strict=True))
        self._rows.add((ends[0], sum_, ends[1]))


# By the package that the class of a model comes from: none is imported before somebody has a model of it.
_ADAPTERS = {"gurobipy": _Gurobi, "highspy": _Highs, "pyscipopt": _Scip, "pyomo": _Pyomo}


def adapter_of(model):
    """What adds columns and rows to ``model``; an `InputError` for a model of another kind."""
    for kind in type(model).__mro__:
        package = kind.__module__.partition(".")[0]
        if package in _ADAPTERS:
            return _ADAPTERS[package](model)
    raise InputError(
        f"{type(model).__name__} is no model of {', '.join(_ADAPTERS)}; write a file for any solver instead: "
        "regions export NET --box LO HI -o model.mps"
    )
