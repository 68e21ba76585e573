"""ComfyUI: the graph that it writes into all that it makes, recognised as one without being followed.

Two forms: `prompt`, the nodes that ran, by their numbers; `workflow`, the drawing of the graph, with or without links.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

_MAX_NODES: Final = 5_000  # the largest drawings have some hundreds

# What only loads, shows and scales pictures makes none.
_PLAIN: Final = frozenset(
    {
        *("LoadImage", "LoadImageMask", "SaveImage", "PreviewImage", "ImageScale", "ImageScaleBy", "ImageCrop"),
        *("ImageInvert", "ImageBlend", "ImageBlur", "ImageSharpen", "ImageBatch", "LoadVideo", "SaveVideo"),
        *("Note", "MarkdownNote", "Reroute", "PrimitiveNode"),
    }
)
_WEIGHTS: Final = (".safetensors", ".ckpt", ".gguf", ".sft", ".pt", ".pth", ".bin")
_MODEL_INPUTS: Final = frozenset({"ckpt_name", "unet_name", "model_name", "model", "base_ckpt_name", "gguf_name"})
_SEEDS: Final = ("seed", "noise_seed")


@dataclass
class Graph:
    """What a graph names, wherever in it."""

    models: list[str] = field(default_factory=list)
    loras: list[str] = field(default_factory=list)
    prompts: list[str] = field(default_factory=list)
    seed: int | None = None


def read(document: Mapping[str, Any]) -> Graph | None:
    """The graph that a JSON object is; None where it is none, or one that generates nothing."""
    nodes = list(_nodes_that_ran(document) or _nodes_drawn(document))
    if not nodes or all(kind in _PLAIN for kind, _ in nodes):
        return None
    graph = Graph()
    for kind, values in nodes:
        _collect(graph, kind, values)
    return graph


def _nodes_that_ran(document: Mapping[str, Any]) -> list[tuple[str, Mapping[str, Any]]]:
    """The nodes of a `prompt`. What stands beside them, as Civitai adds it, is passed over."""
    nodes: list[tuple[str, Mapping[str, Any]]] = []
    for node in list(document.values())[:_MAX_NODES]:
        if isinstance(node, dict) and isinstance(kind := node.get("class_type"), str):
            inputs = node.get("inputs")
            nodes.append((kind, inputs if isinstance(inputs, dict) else {}))
    return nodes


def _nodes_drawn(document: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """The nodes of a `workflow`. Other programs draw graphs too: theirs have no numbers of the last node or link."""
    nodes = document.get("nodes")
    if not isinstance(nodes, list) or not {"last_node_id", "last_link_id", "links"} & document.keys():
        return
    for node in nodes[:_MAX_NODES]:
        if isinstance(node, dict) and isinstance(kind := node.get("type"), str):
            values = node.get("widgets_values")
            listed = values if isinstance(values, list) else []
            yield kind, values if isinstance(values, dict) else {str(at): value for at, value in enumerate(listed)}


def _collect(graph: Graph, kind: str, values: Mapping[str, Any]) -> None:
    for name, value in list(values.items())[:64]:
        if isinstance(value, str):
            is_file = value.lower().endswith(_WEIGHTS)
            if "lora" in kind.lower() or "lora" in name.lower():
                graph.loras.extend([value] if is_file else [])
            elif (name in _MODEL_INPUTS or (is_file and _loads_model(kind))) and not _is_helper(kind):
                graph.models.append(value)
            elif "TextEncode" in kind and name in ("text", "prompt", "clip_l", "t5xxl"):
                graph.prompts.append(value)
        elif isinstance(value, int) and not isinstance(value, bool) and name in _SEEDS and graph.seed is None:
            graph.seed = value


def _loads_model(kind: str) -> bool:
    return "Loader" in kind and any(part in kind.lower() for part in ("checkpoint", "unet", "diffusion", "model"))


def _is_helper(kind: str) -> bool:
    """Whether a node's model is one that helps: it enlarges, guides or encodes."""
    return any(part in kind.lower() for part in ("upscale", "controlnet", "clip", "vae", "detector", "sam"))
