"""Writes case folders: an archive, its inputs and the outputs PyTorch computed, as case.json plus *.npy files.

A case is run on the archive as loaded back by torch.jit.load, never on the Python object it came from, so that
what is recorded is the meaning of the file.
"""
import copy
import enum
import hashlib
import json
import os
import shutil
import tempfile

import numpy as np
import torch

# make.sh runs copies of these scripts, which do not find the project next to them, and names it in CRESSET_HOME.
_HOME = os.environ.get("CRESSET_HOME") or os.path.join(os.path.dirname(os.path.abspath(__file__)), "../..")
RESOURCES = os.path.abspath(os.path.join(_HOME, "testmodels/src/main/resources/dev/cresset/testmodels"))

_INTEGRAL = {torch.uint8, torch.int8, torch.int16, torch.int32, torch.int64, torch.bool}


def strided(tensor, strides):
    """The same values with other strides; the storage in between is filled with a value that would be noticed."""
    size = 1 + sum((n - 1) * s for n, s in zip(tensor.shape, strides)) if tensor.numel() else 0
    storage = torch.full((size,), 77, dtype=tensor.dtype)
    result = storage.as_strided(tensor.shape, strides)
    if tensor.numel():
        # Not copy_: elements of an expanded tensor share their place, which it refuses.
        places = torch.arange(size).as_strided(tensor.shape, strides)
        storage[places.reshape(-1)] = tensor.reshape(-1)
    return result


class CapturedOutput:
    """What C++ and Python write to file descriptor 1 meanwhile."""

    def __enter__(self):
        os.sys.stdout.flush()
        self.saved = os.dup(1)
        self.file = tempfile.TemporaryFile()
        os.dup2(self.file.fileno(), 1)
        return self

    def __exit__(self, *unused):
        os.sys.stdout.flush()
        os.dup2(self.saved, 1)
        os.close(self.saved)
        self.file.seek(0)
        self.text = self.file.read().decode("utf-8", "replace")
        self.file.close()


class Case:
    """One case folder under construction."""

    def __init__(self, folder, about, tensors=".", **keys):
        self.folder, self.tensors, self.files = folder, tensors, {}
        if os.path.isdir(folder):
            shutil.rmtree(folder)
        os.makedirs(os.path.join(folder, tensors), exist_ok=True)
        self.description = {"model": "model.pt", "about": about, **keys, "sessions": []}
        self.module = None

    @property
    def model(self):
        return os.path.join(self.folder, "model.pt")

    def archive(self, scripted, **options):
        """Saves the model; `version` archives made otherwise are written to `self.model` by the caller."""
        torch.jit.save(scripted, self.model, **options)

    def session(self, name, load=None, **keys):
        load = load or (lambda: torch.jit.load(self.model, map_location="cpu"))
        self.module = load()
        if self.description.get("eval"):
            self.module.eval()
        self.description["sessions"].append({"name": name, **keys, "calls": []})
        return self

    def call(self, *args, method="forward", kwargs=None, **notes):
        """Runs one call, records it, and returns what PyTorch returned (the exception, if it raised)."""
        kwargs = kwargs or {}
        entry = {"method": method, "args": [self.encode(a) for a in args]}
        if kwargs:
            entry["kwargs"] = {k: self.encode(v) for k, v in kwargs.items()}
        # One by one: case.json cannot say that two arguments are the same object.
        mine, my_kwargs = [copy.deepcopy(a) for a in args], copy.deepcopy(kwargs)
        with CapturedOutput() as output:
            try:
                result, error = getattr(self.module, method)(*mine, **my_kwargs), None
            except Exception as e:
                result, error = e, e
        if error is not None:
            entry["raises"] = last_line(error)
        else:
            entry["returns"] = self.encode(result)
            after = [self.encode(a) for a in mine]
            if after != entry["args"]:
                entry["args_after"] = after
        if output.text:
            entry["prints"] = output.text
        entry.update(notes)
        self.description["sessions"][-1]["calls"].append(entry)
        return result

    def write(self):
        with open(os.path.join(self.folder, "case.json"), "w") as f:
            f.write(pretty(self.description))

    def drop_unused_files(self):
        """Deletes tensors that only calls taken back had named."""
        text = open(os.path.join(self.folder, "case.json")).read()
        for name in self.files.values():
            if f'"{name}"' not in text:
                os.remove(os.path.join(self.folder, name))

    # ---- values

    def encode(self, value):
        if isinstance(value, torch.Tensor):
            return self.encode_tensor(value)
        if value is None:
            return {"none": True}
        if isinstance(value, bool):
            return {"bool": value}
        if isinstance(value, enum.Enum):
            return {"enum": type(value).__name__, "name": value.name, "value": self.encode(value.value)}
        if isinstance(value, int):
            return {"int": value}
        if isinstance(value, float):
            return {"float": value if np.isfinite(value) else repr(value)}
        if isinstance(value, complex):
            return {"complex": [value.real, value.imag]}
        if isinstance(value, str):
            return {"str": value}
        if isinstance(value, (torch.device, torch.dtype)):
            return {"str": str(value)}
        if isinstance(value, tuple):
            entry = {"tuple": [self.encode(v) for v in value]}
            if hasattr(value, "_fields"):
                entry["fields"] = list(value._fields)
            return entry
        if isinstance(value, dict):
            return {"dict": [[self.encode(k), self.encode(v)] for k, v in value.items()]}
        if hasattr(value, "__getitem__") and hasattr(value, "__len__"):
            return {"list": [self.encode(v) for v in value]}
        raise TypeError(f"no case encoding for {type(value)}")

    def encode_tensor(self, tensor):
        dtype = str(tensor.dtype).split(".")[1]
        plain = tensor.detach().resolve_conj().resolve_neg().contiguous()
        array = (plain.view(torch.int16) if tensor.dtype == torch.bfloat16 else plain).numpy()
        entry = {"tensor": self.file_of(array, dtype), "dtype": dtype, "shape": list(tensor.shape)}
        if tensor.dim() > 0:
            entry["strides"] = list(tensor.stride())
        if tensor.requires_grad:
            entry["requires_grad"] = True
        return entry

    def file_of(self, array, dtype):
        """The file holding these values; equal tensors share one."""
        key = hashlib.sha1(f"{dtype}{array.shape}".encode() + array.tobytes()).hexdigest()
        if key not in self.files:
            name = os.path.join(self.tensors, f"{len(self.files):04d}.npy")
            name = os.path.normpath(name)
            np.save(os.path.join(self.folder, name), array)
            self.files[key] = name
        return self.files[key]


def last_line(error):
    lines = [line for line in str(error).strip().splitlines() if line.strip()]
    text = lines[-1].strip() if lines else ""
    name = type(error).__name__
    if name == "Error":
        return text
    head = next((line.strip() for line in lines), "")
    return text if "Error" in text else f"{name}: {head if 'TorchScript' not in head else text}"


def pretty(description):
    """JSON with one call per line, so that a difference between two generations can be read."""
    sessions = description["sessions"]
    head = json.dumps({k: v for k, v in description.items() if k != "sessions"}, ensure_ascii=False)[1:-1]
    parts = []
    for session in sessions:
        keys = json.dumps({k: v for k, v in session.items() if k != "calls"}, ensure_ascii=False)[1:-1]
        calls = ",\n   ".join(json.dumps(c, ensure_ascii=False) for c in session["calls"])
        parts.append("{%s, \"calls\": [\n   %s\n ]}" % (keys, calls))
    return "{%s,\n \"sessions\": [\n %s\n ]\n}\n" % (head, ",\n ".join(parts))
