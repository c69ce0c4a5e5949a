"""Operator cases: matrix products, linear algebra, transforms, complex numbers, torchvision."""
import torch

from opcases import Family, i, positive, t


def families():
    return [products(), linear_algebra(), transforms(), detection()]


def products():
    f = Family("products", "matrix products of every rank, einsum, tensordot, outer, cross")
    shapes = [((2, 3), (3, 4)), ((3,), (3,)), ((2, 3), (3,)), ((3,), (3, 4)), ((2, 2, 3), (3, 4)), ((2, 2, 3), (2, 3,
          4)),
              ((2, 3), (5, 3, 4)), ((3,), (2, 3, 4)), ((2, 2, 3), (3,)), ((4, 1, 2, 3), (2, 3, 2)), ((0, 3), (3, 2)),
              ((2, 0), (0, 3))]
    for x, y in shapes:
        f.add("matmul", "torch.matmul(a, b)", (t(*x), t(*y)))
    f.add("matmul", "a @ b", (t(3, 2).t(), t(4, 3).t()), (t(2, 3).double(), t(3, 2).double()), (i(2, 3), i(3, 2)),
          (t(2, 3, dtype=torch.complex64), t(3, 2, dtype=torch.complex64)), (t(2, 3).bfloat16(), t(3, 2).bfloat16()))
    f.add("matmul", "a @ b", (t(2, 3), t(2, 3)), (t(2), t()), (t(2, 3), t(3, 2).double()), raises=True)
    f.add("mm", "torch.mm(a, b)", (t(2, 3), t(3, 4)), (t(2, 3), t(4, 3).t()), (t(2, 6)[:, ::2], t(3, 4)))
    f.add("bmm", "torch.bmm(a, b)", (t(2, 3, 4), t(2, 4, 2)), (t(3, 4, 2).permute(2, 0, 1), t(2, 2, 4).transpose(1, 2)))
    f.add("mv", "torch.mv(a, b)", (t(2, 3), t(3)))
    f.add("dot", "torch.dot(a, b)", (t(3), t(3, salt=1)), (i(3), i(3)))
    # real only: PyTorch built with a generic BLAS answers 0 for complex vectors
    f.add("vdot", "torch.vdot(a, b)", (t(3), t(3, salt=1)))
    f.add("outer", "torch.outer(a, b)", (t(2), t(3)))
    f.add("inner", "torch.inner(a, b)", (t(2, 3), t(4, 3)), (t(3), t(3)))
    f.add("kron", "torch.kron(a, b)", (t(2, 2), t(1, 3)))
    f.add("addmm", "torch.addmm(a, b, c)", (t(4), t(2, 3), t(3, 4)), (t(2, 4), t(2, 3), t(3, 4)))
    f.add("addmm", "torch.addmm(a, b, c, beta=0.5, alpha=2.0)", (t(4), t(2, 3), t(3, 4)))
    f.add("addmm", "torch.addmm(a, b, c, beta=0)", (torch.full((4,), float("nan")), t(2, 3), t(3, 4)))
    f.add("addmv", "torch.addmv(a, b, c)", (t(2), t(2, 3), t(3)))
    f.add("addr", "torch.addr(a, b, c)", (t(2, 3), t(2), t(3)))
    f.add("baddbmm", "torch.baddbmm(a, b, c)", (t(2, 3, 2), t(2, 3, 4), t(2, 4, 2)))
    f.add("baddbmm", "torch.baddbmm(a, b, c, beta=0.0, alpha=0.5)", (t(1, 1, 2), t(2, 3, 4), t(2, 4, 2)))
    f.add("addbmm", "torch.addbmm(a, b, c)", (t(3, 2), t(2, 3, 4), t(2, 4, 2)))
    f.add("chain_matmul", "torch.chain_matmul([a, b])", (t(2, 3), t(3, 2)))
    f.add("linalg_multi_dot", "torch.linalg.multi_dot([a, b, b])", (t(2, 3), t(3, 3)))
    for equation, arguments in [("ij,jk->ik", (t(2, 3), t(3, 4))), ("bij,bjk->bik", (t(2, 2, 3), t(2, 3, 4))),
                                ("ij->ji", (t(2, 3),)), ("ii->i", (t(3, 3),)), ("ij->", (t(2, 3),)), ("i,j->ij",
                                      (t(2), t(3))),
                                ("bhid,bhjd->bhij", (t(1, 2, 3, 4), t(1, 2, 3, 4, salt=1))),
                                ("...ij,jk->...ik", (t(2, 2, 3), t(3, 2))), ("ij,ij->i", (t(2, 3), t(2, 3, salt=1))),
                                ("nctkv,kvw->nctw", (t(1, 2, 3, 2, 4), t(2, 4, 4))), ("ij,kj", (t(2, 3), t(4, 3))),
                                ("ii", (t(3, 3),)), ("ij,jk,kl->il", (t(2, 3), t(3, 2), t(2, 2)))]:
        f.add("einsum", f"torch.einsum('{equation}', [{', '.join('abc'[:len(arguments)])}])", arguments)
    f.add("tensordot", "torch.ops.aten.tensordot(a, b, [1, 2], [0, 1])", (t(2, 3, 4), t(3, 4, 2)))
    f.add("cross", "torch.cross(a, b)", (t(2, 3), t(2, 3, salt=1)), (t(3, 4), t(3, 4, salt=1)))
    f.add("linalg_cross", "torch.linalg.cross(a, b)", (t(2, 3), t(2, 3, salt=1)))
    f.add("linalg_matrix_power", "torch.matrix_power(a, 3)", t(3, 3))
    f.add("linalg_matrix_exp", "torch.matrix_exp(a)", t(3, 3, scale=0.3))
    return f


def linear_algebra():
    f = Family("linear_algebra", "inverse, determinant, solve, factorisations (signs fixed by products)")
    square, spd = t(3, 3), t(3, 3) @ t(3, 3).t() + torch.eye(3)
    batch = t(2, 3, 3)
    for op in ("inv", "det", "slogdet"):
        f.add(f"linalg_{op}", f"torch.linalg.{op}(a)", square, batch, square.double())
    f.add("linalg_inv_ex", "torch.linalg.inv_ex(a)", square, batch)
    f.add("linalg_inv", "torch.linalg.inv(a)", torch.zeros(2, 2), raises=True)
    f.add("linalg_inv", "torch.inverse(a)", square)
    f.add("linalg_det", "torch.det(a)", square, batch)
    f.add("logdet", "torch.logdet(a)", spd)
    f.add("linalg_solve", "torch.linalg.solve(a, b)", (square, t(3)), (square, t(3, 2)), (batch, t(2, 3, 2)))
    f.add("linalg_solve_triangular", "torch.linalg.solve_triangular(a, b, upper=True)", (spd.triu(), t(3, 2)))
    f.add("triangular_solve", "torch.triangular_solve(a, b)", (t(3, 2), spd.triu()))
    f.add("linalg_cholesky", "torch.linalg.cholesky(a)", spd, torch.stack([spd, spd * 2]))
    f.add("cholesky", "torch.cholesky(a, True)", spd)
    f.add("cholesky_solve", "torch.cholesky_solve(a, b)", (t(3, 2), torch.linalg.cholesky(spd)))
    f.add("linalg_eigvalsh", "torch.linalg.eigvalsh(a)", spd)
    f.add("linalg_eigh", "b, c = torch.linalg.eigh(a)\nreturn b, c @ torch.diag(b) @ c.t()", spd)
    f.add("linalg_svdvals", "torch.linalg.svdvals(a)", t(3, 2), batch)
    f.add("linalg_svd", "b, c, d = torch.linalg.svd(a, full_matrices=False)\nreturn c, b @ torch.diag(c) @ d", t(3,
          2), square)
    f.add("linalg_qr", "b, c = torch.linalg.qr(a)\nreturn b @ c, b.t() @ b", t(3, 2), square)
    f.add("linalg_pinv.atol_rtol_float", "torch.linalg.pinv(a)", t(3, 2))
    f.add("linalg_matrix_rank", "torch.linalg.matrix_rank(a)", square, torch.ones(3, 3))
    f.add("linalg_lstsq", "torch.linalg.lstsq(a, b)[0]", (t(4, 2), t(4, 1)))
    f.add("linalg_lstsq", "torch.linalg.lstsq(a, b, driver='gelsd')", (t(4, 2), t(4, 1)))
    complex_square, complex_batch = t(3, 3, dtype=torch.complex128), t(2, 4, 4, dtype=torch.complex64)
    for op in ("inv", "det", "slogdet"):
        f.add(f"linalg_{op}", f"torch.linalg.{op}(a)", complex_square, complex_batch)
    f.add("linalg_qr", "torch.linalg.qr(a)", t(4, 3), complex_square)
    f.add("linalg_qr", "torch.linalg.qr(a, 'complete')", t(4, 2))
    f.add("linalg_lu", "torch.linalg.lu(a)", square, batch, t(3, 4), complex_square)
    f.add("linalg_lu_factor", "torch.linalg.lu_factor(a)", square, batch)
    f.add("linalg_solve", "torch.linalg.solve(a, b, left=False)", (square, t(2, 3)), (complex_square,
                                      t(2, 3, dtype=torch.complex128)))
    f.add("linalg_cholesky", "torch.linalg.cholesky(a, upper=True)", spd)
    f.add("linalg_cholesky", "torch.linalg.cholesky(a)", -spd, raises=True)
    f.add("cholesky_inverse", "torch.cholesky_inverse(a)", torch.linalg.cholesky(spd))
    f.add("linalg_eigvals", "torch.sort(torch.linalg.eigvals(a).real)[0]", t(5, 5, dtype=torch.float64), complex_square)
    f.add("linalg_eig", "b, c = torch.linalg.eig(a)\nreturn c @ torch.diag(b) @ torch.linalg.inv(c)",
          t(5, 5, dtype=torch.float64), complex_square)
    f.add("linalg_svdvals", "torch.linalg.svdvals(a)", complex_square)
    f.add("linalg_eigvalsh", "torch.linalg.eigvalsh(a)", complex_square)
    f.add("pinverse", "torch.pinverse(a)", t(3, 2), t(2, 3))
    f.add("linalg_cond", "torch.linalg.cond(a)", square, batch)
    f.add("linalg_cond", "torch.linalg.cond(a, 1)", square)
    f.add("linalg_cond.p_str", "torch.linalg.cond(a, 'fro')", square)
    f.add("linalg_matrix_power", "torch.linalg.matrix_power(a, -2)", square)
    f.add("linalg_matrix_exp", "torch.matrix_exp(a)", batch, complex_square)
    f.add("linalg_vander", "torch.linalg.vander(a, N=4)", t(3))
    f.add("linalg_vecdot", "torch.linalg.vecdot(a, b)", (t(2, 3), t(2, 3, salt=1)))
    f.add("linalg_tensorsolve", "torch.linalg.tensorsolve(a, b)", (t(2, 3, 6), t(2, 3)))
    f.add("linalg_tensorinv", "torch.linalg.tensorinv(a)", t(2, 3, 6))
    f.add("linalg_householder_product", "b, c = torch.geqrf(a)\nreturn torch.linalg.householder_product(b, c)", t(4, 3))
    f.add("trace", "torch.trace(a)", square)
    return f


def transforms():
    f = Family("transforms", "fft, stft and their inverses")
    real, signal = t(8), t(2, 6)
    z = t(8, dtype=torch.complex64)
    for op in ("fft", "ifft"):
        f.add(f"fft_{op}", f"torch.fft.{op}(a)", z, real, t(2, 5, dtype=torch.complex128))
        f.add(f"fft_{op}", f"torch.fft.{op}(a, 5, 0, 'ortho')", z)
        f.add(f"fft_{op}2", f"torch.fft.{op}2(a)", t(3, 4, dtype=torch.complex64))
        f.add(f"fft_{op}n", f"torch.fft.{op}n(a)", t(2, 3, 2, dtype=torch.complex64))
    f.add("fft_rfft", "torch.fft.rfft(a)", real, signal, t(7))
    f.add("fft_rfft", "torch.fft.rfft(a, norm='ortho')", signal)
    f.add("fft_irfft", "torch.fft.irfft(a)", t(5, dtype=torch.complex64))
    f.add("fft_irfft", "torch.fft.irfft(a, 7)", t(4, dtype=torch.complex64))
    f.add("fft_rfft2", "torch.fft.rfft2(a)", t(3, 4))
    f.add("fft_rfftn", "torch.fft.rfftn(a)", t(3, 4))
    f.add("fft_irfftn", "torch.fft.irfftn(a)", t(3, 4, dtype=torch.complex64))
    f.add("fft_hfft", "torch.fft.hfft(a)", t(4, dtype=torch.complex64))
    f.add("fft_fftfreq", "torch.fft.fftfreq(6)")
    f.add("fft_rfftfreq", "torch.fft.rfftfreq(6, 0.5)")
    f.add("fft_fftshift", "torch.fft.fftshift(a)", t(5), t(3, 4))
    f.add("fft_ifftshift", "torch.fft.ifftshift(a)", t(5))
    wave, window = t(2, 20), torch.hann_window(8)
    f.add("stft", "torch.stft(a, 8, 4, 8, b, return_complex=True)", (wave, window), (wave[0], window))
    f.add("stft", "torch.stft(a, 8, 2, 8, b, center=False, onesided=False, return_complex=True)", (wave, window))
    f.add("stft", "torch.stft(a, 8, normalized=True, return_complex=False)", wave)
    spectrum = torch.stft(wave, 8, 4, 8, window, return_complex=True)
    f.add("istft", "torch.istft(a, 8, 4, 8, b)", (spectrum, window))
    f.add("istft", "torch.istft(a, 8, 4, 8, b, length=18)", (spectrum, window))
    f.add("istft", "torch.istft(a, 8, 4, 8, b, length=24)", (spectrum[0], window))
    f.add("stft", "torch.stft(a, 8, 3, 6, b, pad_mode='constant', return_complex=True)", (wave, torch.hann_window(6)))
    f.add("stft", "torch.stft(a, 8, return_complex=True)", t(20, dtype=torch.complex64))
    f.add("istft", "torch.istft(torch.stft(a, 8, 4, 8, b, onesided=False, return_complex=True), 8, 4, 8, b, onesided=False)",
          (wave, window))
    f.add("fft_fft", "torch.fft.fft(a, norm='forward')", t(37), t(61, dtype=torch.complex128))
    f.add("fft_fftn", "torch.fft.fftn(a, [2, 5], norm='ortho')", t(3, 4, 4))
    f.add("fft_rfftn", "torch.fft.rfftn(a, [4, 5], [0, 2])", t(3, 2, 4))
    f.add("fft_irfft2", "torch.fft.irfft2(a, [4, 5])", t(3, 4, dtype=torch.complex64))
    f.add("fft_ihfft", "torch.fft.ihfft(a)", real, signal)
    f.add("fft_fftfreq", "torch.fft.fftfreq(7, 0.1)")
    return f


def detection():
    f = Family("detection", "torchvision's own operators")
    corner = t(8, 2).abs() * 10
    boxes = torch.cat([corner, corner + t(8, 2, salt=1).abs() * 15 + 1], 1)
    scores = t(8).sigmoid()
    f.add("torchvision::nms", "torch.ops.torchvision.nms(a, b, 0.3)", (boxes, scores), (boxes[:0], scores[:0]))
    f.add("torchvision::nms", "torch.ops.torchvision.nms(a, b, 0.05)", (boxes, scores), (boxes.double(),
          scores.double()))
    x = t(2, 3, 8, 8)
    rois = torch.cat([torch.tensor([[0.0], [1.0], [0.0]]), boxes[:3] * 0.4], 1)
    for sampling, aligned in ((2, False), (-1, False), (2, True), (-1, True)):
        f.add("torchvision::roi_align", f"torch.ops.torchvision.roi_align(a, b, 0.5, 2, 3, {sampling}, {aligned})",
              (x, rois))
    f.add("torchvision::roi_align", "torch.ops.torchvision.roi_align(a, b, 1.0, 7, 7, 2, False)", (x[:1, :1], rois[:1]))
    f.add("torchvision::roi_pool", "torch.ops.torchvision.roi_pool(a, b, 0.5, 2, 2)", (x, rois))
    f.add("torchvision::ps_roi_align", "torch.ops.torchvision.ps_roi_align(a, b, 0.5, 2, 2, 2)", (t(2, 8, 6, 6), rois))
    f.add("torchvision::ps_roi_pool", "torch.ops.torchvision.ps_roi_pool(a, b, 0.5, 2, 2)", (t(2, 8, 6, 6), rois))
    # Regions that reach out of the image, and ones of no and of negative extent.
    odd = torch.tensor([[0.0, -3.0, -2.0, 20.0, 30.0], [1.0, 4.0, 3.0, 4.0, 3.0], [1.0, 7.0, 9.0, 2.0, 1.0],
                        [0.0, 2.5, 3.5, 6.5, 8.5]])
    for sampling in (2, -1):
        f.add("torchvision::ps_roi_align", f"torch.ops.torchvision.ps_roi_align(a, b, 0.7, 3, 2, {sampling})",
              (t(2, 12, 7, 9), odd))
        f.add("torchvision::roi_align", f"torch.ops.torchvision.roi_align(a, b, 0.7, 3, 2, {sampling}, True)",
              (t(2, 3, 7, 9), odd))
    f.add("torchvision::ps_roi_pool", "torch.ops.torchvision.ps_roi_pool(a, b, 0.7, 3, 2)", (t(2, 12, 7, 9), odd))
    f.add("torchvision::roi_pool", "torch.ops.torchvision.roi_pool(a, b, 0.7, 3, 2)", (t(2, 3, 7, 9), odd))
    return f
