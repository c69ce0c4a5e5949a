"""Makes case folders of torchvision models with seeded random weights, scripted and traced. Not committed: large.

usage: torchvision_cases.py [--max-mb N] FOLDER [NAME…]
       makes FOLDER/<name>_{scripted,traced}; without names all classification, segmentation, detection, video and
       optical flow builders, in an order that covers the most-used shapes first. Folders that exist are kept;
       models whose weights exceed N megabytes (700) are left out.
"""
import copy
import os
import shutil
import sys
import time
from typing import List

import torch
import torchvision
from torchvision.models import list_models

from casefile import Case

FIRST = """resnet18 mobilenet_v2 mobilenet_v3_large mobilenet_v3_small densenet121 efficientnet_b0 vit_b_16 swin_t
    convnext_tiny googlenet inception_v3 squeezenet1_0 shufflenet_v2_x1_0 mnasnet1_0 regnet_y_400mf vgg11 alexnet
    maxvit_t""".split()
GROUPS = [torchvision.models, torchvision.models.segmentation, torchvision.models.detection,
          torchvision.models.video, torchvision.models.optical_flow]
MAX_MEGABYTES = 700


def names_of(group):
    return list_models(module=group)


def inputs(name, group):
    """The arguments of forward for one model: small, but as large as the architecture needs."""
    generator = torch.Generator().manual_seed(1)
    image = lambda *shape: torch.rand(shape, generator=generator)
    if group is torchvision.models.segmentation:
        return [image(1, 3, 96, 128)]
    if group is torchvision.models.detection:
        return [[image(3, 96, 128), image(3, 112, 80)]]
    if group is torchvision.models.video:
        return [image(1, 3, 16, 224, 224) if name.startswith(("mvit", "s3d")) else image(1, 3, 8, 64, 64)]
    if group is torchvision.models.optical_flow:
        return [image(1, 3, 128, 136), image(1, 3, 128, 136)]
    size = 299 if name == "inception_v3" else 224
    return [image(1, 3, size, size)]


def build(name, group):
    torch.manual_seed(0)
    options = {}
    if group in (torchvision.models.segmentation, torchvision.models.detection):
        options["weights_backbone"] = None
    if group is torchvision.models.detection:
        # A small size and few boxes keep the run short.
        options.update({} if name.startswith("ssd") else {"min_size": 128, "max_size": 160})
        if "rcnn" in name:
            options.update(box_detections_per_img=12, rpn_post_nms_top_n_test=60)
        else:
            options.update(detections_per_img=12)
    if name in ("googlenet", "inception_v3"):
        options["init_weights"] = False
    model = getattr(group, name)(weights=None, **options).eval().requires_grad_(False)
    fill_zero_weights(model)
    calibrate_batch_norm(model, name, group)
    if group is torchvision.models.detection:
        sharpen_scores(model)
    return model


def sharpen_scores(model):
    """Fresh heads score all boxes alike, below every threshold: larger weights tell them apart."""
    for name, p in model.named_parameters():
        if not name.endswith("weight") or p.dim() < 2:
            continue
        if ".cls_score" in name or ("box_predictor" in name and p.shape[0] == 91):
            p.mul_(20 if p.shape[0] > 2 else 3)
        elif ".cls_logits" in name:
            p.mul_(10 if "rpn" in name else 60)
        elif "classification_head.module_list" in name:
            p.mul_(3)


def fill_zero_weights(model):
    """Some heads start as all zeros, which would make the output independent of everything before."""
    for p in model.parameters():
        if p.dim() >= 2 and not p.any():
            p.normal_(0, 0.02)


def calibrate_batch_norm(model, name, group):
    """Sets the running statistics to those of one batch: with the initial ones signals fade or blow up with depth."""
    norms = [m for m in model.modules() if isinstance(m, torch.nn.modules.batchnorm._BatchNorm)]
    momenta = [m.momentum for m in norms]
    for m in norms:
        m.train()
        m.momentum = 1.0
    args = inputs(name, group)
    if norms and group is not torchvision.models.detection:
        # Two different images: one alone would leave one value per channel after global pooling.
        args = [torch.cat([a, a.flip(-1) ** 3]) for a in args]
    model(*args)
    for m, momentum in zip(norms, momenta):
        m.eval()
        m.momentum = momentum


def largest(value):
    if isinstance(value, torch.Tensor):
        return value.abs().max().item() if value.is_floating_point() and value.numel() else 0.0
    if isinstance(value, dict):
        return max([largest(v) for v in value.values()], default=0.0)
    if isinstance(value, (list, tuple)):
        return max([largest(v) for v in value], default=0.0)
    return 0.0


class Flat(torch.nn.Module):
    """A detection model whose list of dictionaries becomes a tuple of tensors, which is all that a trace can return."""

    def __init__(self, model):
        super().__init__()
        self.model = model

    def forward(self, images: List[torch.Tensor]):
        return tuple(value for found in self.model(images) for value in found.values())


def largest_difference(model, args):
    """How far float32 is from float64: what rounding alone does to this model. None where it does not apply."""
    if not all(isinstance(a, torch.Tensor) for a in args):
        return None
    single = model(*args)
    if not isinstance(single, torch.Tensor):
        return None
    double = copy.deepcopy(model).double()(*[a.double() for a in args])
    return float((single - double).abs().max())


def one(folder, name, group, how, max_megabytes):
    target = os.path.join(folder, f"{name}_{how}")
    if os.path.exists(os.path.join(target, "case.json")):
        return "kept"
    try:
        model, args = build(name, group), inputs(name, group)
    except Exception as e:
        return f"FAILED {type(e).__name__} {str(e)[-300:]!r}"
    size = sum(p.numel() * p.element_size() for p in model.state_dict().values())
    if size >> 20 > max_megabytes:
        return f"skipped: {size >> 20} MB"
    case = Case(target, f"torchvision {torchvision.__version__} {name}, random weights, {how}", eval=True)
    try:
        if how == "scripted":
            program = torch.jit.script(model)
        else:
            traced = Flat(model) if group is torchvision.models.detection else model
            program = torch.jit.trace(traced, args, strict=False, check_trace=False)
        case.archive(program)
        exact = largest_difference(model, args) if size < 600 << 20 else None
        del model, program
        result = case.session("all").call(*args)
        if isinstance(result, Exception):
            raise result
        top = largest(result)
        assert top == top and top < 1e10, f"largest output {top}"
        # Some deep random models amplify rounding beyond 1e-4; no engine can be nearer to PyTorch than PyTorch is.
        case.description.update(rtol=1e-4, atol=max(1e-4 * top, 4 * (exact or 0.0)))
        if exact is not None:
            case.description["about"] += f"; float64 differs by {exact:.3g}"
        case.write()
        return f"{size >> 20} MB, largest {top:.3g}, float64 differs by {exact}"
    except Exception as e:
        shutil.rmtree(target)
        return f"FAILED {type(e).__name__} {str(e)[-300:]!r}"


def main():
    torch.set_num_threads(1)
    arguments, limit = sys.argv[1:], MAX_MEGABYTES
    if arguments[0] == "--max-mb":
        limit, arguments = int(arguments[1]), arguments[2:]
    folder, wanted = arguments[0], arguments[1:]
    models = [(n, g) for g in GROUPS for n in names_of(g)]
    models.sort(key=lambda m: FIRST.index(m[0]) if m[0] in FIRST else len(FIRST))
    for name, group in models:
        if wanted and name not in wanted:
            continue
        for how in ("scripted", "traced"):
            start = time.time()
            print(f"{name} {how}: {one(folder, name, group, how, limit)} ({time.time() - start:.0f} s)", flush=True)


if __name__ == "__main__":
    main()
