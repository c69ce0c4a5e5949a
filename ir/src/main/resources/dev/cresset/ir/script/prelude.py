# What is written in TorchScript itself. Names of parameters are part of the calls.

# archives before version 4: dividing integers truncated

def div_tensor(self: Tensor, other: Tensor) -> Tensor:
    if self.is_floating_point() or self.is_complex() or other.is_floating_point() or other.is_complex():
        return torch.div(self, other)
    return torch.div(self, other, rounding_mode="trunc")

def div_float(self: Tensor, other: float) -> Tensor:
    return torch.div(self, other)

def div_number(self: Tensor, other: number) -> Tensor:
    if self.is_floating_point() or self.is_complex() or not isinstance(other, int):
        return torch.div(self, other)
    return torch.div(self, other, rounding_mode="trunc")

def div_out(self: Tensor, other: Tensor, *, out: Tensor) -> Tensor:
    if self.is_floating_point() or other.is_floating_point() or out.is_floating_point():
        return torch.div(self, other, out=out)
    return torch.div(self, other, rounding_mode="trunc", out=out)

def div_inplace_tensor(self: Tensor, other: Tensor) -> Tensor:
    if self.is_floating_point() or self.is_complex() or other.is_floating_point() or other.is_complex():
        return self.div_(other)
    return self.div_(other, rounding_mode="trunc")

def div_inplace_float(self: Tensor, other: float) -> Tensor:
    return self.div_(other)

def div_inplace_number(self: Tensor, other: number) -> Tensor:
    if self.is_floating_point() or self.is_complex() or not isinstance(other, int):
        return self.div_(other)
    return self.div_(other, rounding_mode="trunc")

# before version 5: full gave floats unless told otherwise

def full(size: List[int], fill_value: number, *, dtype: Optional[int]=None, layout: Optional[int]=None, device: Optional[Device]=None, pin_memory: Optional[bool]=None) -> Tensor:
    if dtype is None:
        return torch.full(size, float(fill_value), dtype=None, layout=layout, device=device, pin_memory=pin_memory)
    return torch.full(size, fill_value, dtype=dtype, layout=layout, device=device, pin_memory=pin_memory)

# before versions 8 and 9: the number of steps could be left out

def linspace(start: number, end: number, steps: Optional[int]=None, *, dtype: Optional[int]=None, layout: Optional[int]=None, device: Optional[Device]=None, pin_memory: Optional[bool]=None) -> Tensor:
    n = 100 if steps is None else steps
    return torch.linspace(start, end, n, dtype=dtype, layout=layout, device=device, pin_memory=pin_memory)

def linspace_out(start: number, end: number, steps: Optional[int]=None, *, out: Tensor) -> Tensor:
    n = 100 if steps is None else steps
    return torch.linspace(start, end, n, out=out)

def logspace(start: number, end: number, steps: Optional[int]=None, base: float=10.0, *, dtype: Optional[int]=None, layout: Optional[int]=None, device: Optional[Device]=None, pin_memory: Optional[bool]=None) -> Tensor:
    n = 100 if steps is None else steps
    return torch.logspace(start, end, n, base, dtype=dtype, layout=layout, device=device, pin_memory=pin_memory)

def logspace_out(start: number, end: number, steps: Optional[int]=None, base: float=10.0, *, out: Tensor) -> Tensor:
    n = 100 if steps is None else steps
    return torch.logspace(start, end, n, base, out=out)

# builtin functions

def _assert(condition: Any, message: str) -> None:
    if isinstance(condition, Tensor):
        ok = bool(condition)
    elif isinstance(condition, bool):
        ok = condition
    else:
        ok = True
    assert ok, message

def str_contains(self: str, item: str) -> bool:
    return self.find(item) != -1

def list_with_default(out_size: List[int], defaults: List[int]) -> List[int]:
    assert len(defaults) > len(out_size)
    return out_size

class no_grad:
    prev: bool

    def __init__(self) -> None:
        self.prev = torch.is_grad_enabled()

    def __enter__(self) -> None:
        self.prev = torch.is_grad_enabled()
        torch.set_grad_enabled(False)

    def __exit__(self, exc_type: Any, exc_value: Any, traceback: Any) -> None:
        torch.set_grad_enabled(self.prev)

class enable_grad:
    prev: bool

    def __init__(self) -> None:
        self.prev = torch.is_grad_enabled()

    def __enter__(self) -> None:
        self.prev = torch.is_grad_enabled()
        torch.set_grad_enabled(True)

    def __exit__(self, exc_type: Any, exc_value: Any, traceback: Any) -> None:
        torch.set_grad_enabled(self.prev)
