"""Contracts of import-linter that are about the code alone: tests may import what they test with."""

from grimp import ImportGraph
from importlinter import ContractCheck
from importlinter.contracts.forbidden import ForbiddenContract
from importlinter.contracts.layers import LayersContract


class CodesLayers(LayersContract):
    """Layers, tests left out."""

    type_name = "codes_layers"

    def check(self, graph: ImportGraph, verbose: bool) -> ContractCheck:
        return super().check(_without_tests(graph), verbose)


class ForbiddenToCode(ForbiddenContract):
    """What no module but tests may import."""

    type_name = "forbidden_to_code"

    def check(self, graph: ImportGraph, verbose: bool) -> ContractCheck:
        return super().check(_without_tests(graph), verbose)


def _without_tests(graph):
    for module in graph.modules:
        name = module.rpartition(".")[2]
        if name.endswith("_test") or name == "conftest":
            graph.remove_module(module)
    return graph
