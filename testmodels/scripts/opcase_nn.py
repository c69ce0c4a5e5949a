"""Operator cases: the operators of neural networks."""
import torch

from opcases import Family, i, positive, t


def families():
    return [convolutions(), pooling(), normalisation(), losses(), upsampling(), padding(), recurrent(), attention()]


def channels_last(tensor):
    return tensor.contiguous(memory_format=torch.channels_last)


def convolutions():
    f = Family("convolutions", "1, 2 and 3 dimensions: groups, stride, padding, dilation, transposed, layouts, dtypes")
    sizes = {1: (7,), 2: (6, 5), 3: (4, 4, 3)}
    for n in (1, 2, 3):
        for groups, options in [(1, ""), (2, "groups=2"), (1, "stride=2"), (1, "padding=1"), (1,
              "dilation=2, padding=2"),
                                (4, "groups=4, padding=1"), (1, "padding='same'"), (2, "groups=2, stride=2, padding=1"),
                                (1, "padding='valid'")]:
            op = f"conv{n}d" + (".padding" if "'" in options else "")
            kernel = (3, 2, 2) if n == 3 and "dil" not in options else (3,) * n if "dil" not in options else (2,) * n
            x, w = t(2, 4, *sizes[n]), t(4, 4 // groups, *kernel[:n], scale=0.5)
            f.add(op, f"F.conv{n}d(a, b, c{', ' + options if options else ''})", (x, w, t(4)))
            f.add(op, f"F.conv{n}d(a, b{', ' + options if options else ''})", (x, w))
        for groups, options in [(1, ""), (2, "groups=2"), (1, "stride=2, output_padding=1"), (1, "padding=1"),
                                (1, "dilation=2"), (1, "stride=3, padding=1")]:
            op = f"conv_transpose{n}d" + ("" if n == 1 else ".input")
            f.add(op, f"F.conv_transpose{n}d(a, b, c{', ' + options if options else ''})",
                  (t(2, 4, *sizes[n]), t(4, 6 // groups, *(2,) * n, scale=0.5), t(6)))
        f.add(f"conv{n}d", f"F.conv{n}d(a, b)", (t(4, *sizes[n]), t(3, 4, *(1,) * n)),
              (t(0, 4, *sizes[n]), t(3, 4, *(1,) * n)))
        f.add(f"conv{n}d", f"F.conv{n}d(a, b, c)", (t(1, 2, *sizes[n]).double(), t(3, 2, *(2,) * n).double(),
              t(3).double()))
    f.add("conv2d", "F.conv2d(a, b, c, stride=[2, 1], padding=[0, 2], dilation=[1, 2])", (t(1, 3, 7, 6), t(2, 3, 3,
          2), t(2)))
    f.add("conv2d", "F.conv2d(a, b, c, padding=1)", (channels_last(t(2, 3, 5, 4)), channels_last(t(4, 3, 3, 3)), t(4)),
          (t(2, 5, 4, 3).permute(0, 3, 1, 2), t(4, 3, 3, 3), t(4)), (t(1, 3, 1, 1), t(4, 3, 3, 3), t(4)))
    f.add("conv2d", "F.conv2d(a, b, c, padding=1, groups=6)", (channels_last(t(1, 6, 5, 4)), t(12, 1, 3, 3), t(12)))
    f.add("conv2d", "F.conv2d(a, b)", (t(1, 3, 5, 5)[:, :, ::2], t(2, 3, 1, 1)))
    f.add("conv2d", "F.conv2d(a, b)", (t(1, 3, 5, 5), t(2, 4, 1, 1)), (t(1, 3, 2, 2), t(2, 3, 3, 3)), raises=True)
    f.add("conv2d", "F.conv2d(a, b)", (t(1, 3, 4, 4).bfloat16(), t(2, 3, 2, 2).bfloat16()))
    more = "False, False, True, True"
    f.add("_convolution", f"torch._convolution(a, b, c, [1, 1], [1, 1], [1, 1], False, [0, 0], 1, {more})",
          (t(1, 3, 5, 5), t(2, 3, 3, 3), t(2)), (t(1, 3, 5, 5), t(2, 3, 3, 3), None))
    f.add("_convolution", f"torch._convolution(a, b, c, [2, 2], [1, 1], [1, 1], True, [1, 1], 1, {more})",
          (t(1, 3, 4, 4), t(3, 2, 3, 3), t(2)))
    f.add("convolution", "torch.convolution(a, b, c, [1], [0], [1], False, [0], 1)", (t(1, 3, 5), t(2, 3, 3), t(2)))
    f.add("_convolution_mode", "torch._convolution_mode(a, b, c, [1, 1], 'same', [1, 1], 1)",
          (t(1, 3, 5, 5), t(2, 3, 2, 2), t(2)))
    f.add("im2col", "F.unfold(a, 2)", t(1, 2, 3, 4))
    f.add("im2col", "F.unfold(a, [2, 3], dilation=1, padding=1, stride=2)", t(2, 2, 4, 5))
    f.add("col2im", "F.fold(a, [3, 4], [2, 2])", t(1, 8, 6))
    f.add("conv_tbc", "torch.conv_tbc(a, b, c)", (t(5, 2, 3), t(2, 3, 4), t(4)))
    f.add("torchvision::deform_conv2d",
          "torch.ops.torchvision.deform_conv2d(a, b, c, d, e, 1, 1, 0, 0, 1, 1, 1, 1, True)",
          (t(1, 2, 4, 4), t(3, 2, 2, 2), t(1, 8, 3, 3), t(1, 4, 3, 3).sigmoid(), t(3)))
    return f


def pooling():
    f = Family("pooling", "max, average, adaptive and Lp pooling in 1 to 3 dimensions, with indices, unpooling")
    sizes = {1: (7,), 2: (6, 5), 3: (4, 5, 4)}
    for n in (1, 2, 3):
        x = t(2, 3, *sizes[n])
        nan = x.clone()
        nan[0, 0] = float("nan")
        for options in ("2", "3, 2, 1", "2, 2, 0, 1, True", "2, 1, 0, 2"):
            f.add(f"max_pool{n}d", f"F.max_pool{n}d(a, {options})", x, x[0], nan, x.double())
        f.add(f"max_pool{n}d_with_indices", f"F.max_pool{n}d(a, 2, return_indices=True)", x, x[0])
        f.add(f"max_pool{n}d_with_indices", f"F.max_pool{n}d(a, 3, 2, 1, 1, True, True)", x)
        for options in ("2", "3, 2, 1", "2, 2, 1, True", "3, 2, 1, False, False", "3, 2, 1, True, False"):
            f.add(f"avg_pool{n}d", f"F.avg_pool{n}d(a, {options})", x, x[0])
        if n > 1:
            f.add(f"avg_pool{n}d", f"F.avg_pool{n}d(a, 2, divisor_override=3)", x)
        for out in ("1", "2", "3") + (() if n == 1 else ("[1, 2]",) if n == 2 else ("[1, 2, 3]",)):
            f.add(f"adaptive_avg_pool{n}d", f"F.adaptive_avg_pool{n}d(a, {out})", x, x[0])
            if "None" not in out:
                f.add(f"adaptive_max_pool{n}d", f"F.adaptive_max_pool{n}d(a, {out})", x)
        f.add(f"adaptive_max_pool{n}d", f"F.adaptive_max_pool{n}d(a, 2, return_indices=True)", x)
        pooled, where = getattr(torch.nn.functional, f"max_pool{n}d")(x, 2, return_indices=True)
        shape = list(x.shape[2:])
        f.add(f"max_unpool{n if n > 1 else 2}d", f"F.max_unpool{n}d(a, b, 2, output_size={shape})", (pooled, where))
    f.add("max_pool2d", "F.max_pool2d(a, [2, 3], [1, 2], [1, 0])", t(1, 2, 5, 6), channels_last(t(1, 2, 5, 6)),
          t(1, 2, 6, 5).transpose(2, 3))
    f.add("avg_pool2d", "F.avg_pool2d(a, [2, 3])", channels_last(t(1, 2, 5, 6)))
    f.add("adaptive_avg_pool2d", "F.adaptive_avg_pool2d(a, 1)", channels_last(t(2, 3, 4, 4)), t(0, 3, 4, 4))
    f.add("adaptive_avg_pool2d", "F.adaptive_avg_pool2d(a, 7)", t(1, 2, 3, 4))
    f.add("max_pool2d", "F.max_pool2d(a, 5)", t(1, 1, 3, 3), raises=True)
    f.add("avg_pool2d", "F.lp_pool2d(a, 2.0, 2)", t(1, 2, 4, 4).abs())
    f.add("avg_pool1d", "F.lp_pool1d(a, 1.0, 3, 2)", t(1, 2, 7).abs())
    f.add("fractional_max_pool2d", "torch._C._nn.fractional_max_pool2d(a, [2, 2], [3, 3], b)", (t(1, 2, 6, 6), t(1, 2,
          2).sigmoid()))
    return f


def normalisation():
    f = Family("normalisation", "batch, layer, group and instance norm; evaluation and training; without weights")
    m, v = t(3, salt=5), positive(t(3, salt=6))
    for x in (t(2, 3), t(2, 3, 4), t(2, 3, 4, 2), t(2, 3, 2, 2, 2), channels_last(t(2, 3, 4, 2)), t(2, 3, 4).double()):
        d = x.dtype
        f.add("batch_norm", "F.batch_norm(a, b, c, d, e)", (x, m.to(d), v.to(d), t(3).to(d), t(3, salt=1).to(d)))
        f.add("batch_norm", "F.batch_norm(a, b, c)", (x, m.to(d), v.to(d)))
        f.add("batch_norm", "F.batch_norm(a, b, c, d, e, True, 0.2, 1e-3)",
              (x, m.to(d), v.to(d), t(3).to(d), t(3, salt=1).to(d)))
    f.add("batch_norm", "F.batch_norm(a, None, None, training=True)", t(2, 3, 4))
    f.add("layer_norm", "F.layer_norm(a, [4])", t(2, 3, 4), t(4, 3, 2).permute(2, 1, 0), t(3, 4).double(), t(0, 4))
    f.add("layer_norm", "F.layer_norm(a, [4], b, c)", (t(2, 3, 4), t(4), t(4, salt=1)), (t(3, 4).bfloat16(),
          t(4).bfloat16(), t(4, salt=1).bfloat16()))
    f.add("layer_norm", "F.layer_norm(a, [3, 4], b, c, 1e-2)", (t(2, 3, 4), t(3, 4), t(3, 4, salt=1)))
    f.add("group_norm", "F.group_norm(a, 2)", t(2, 4, 3), t(2, 4), t(1, 6, 2, 2))
    f.add("group_norm", "F.group_norm(a, 2, b, c)", (t(2, 4, 3, 3), t(4), t(4, salt=1)),
          (channels_last(t(2, 4, 3, 3)), t(4), t(4, salt=1)))
    f.add("instance_norm", "F.instance_norm(a)", t(2, 3, 4), t(2, 3, 4, 4), t(1, 2, 2, 2, 3))
    f.add("instance_norm", "F.instance_norm(a, weight=b, bias=c)", (t(2, 3, 4), t(3), t(3, salt=1)))
    f.add("instance_norm", "F.instance_norm(a, b, c, use_input_stats=False)", (t(2, 3, 4), m, v))
    f.add("div.Tensor", "F.local_response_norm(a, 3)", t(2, 5, 3, 3), t(2, 5, 4))
    f.add("native_layer_norm", "torch.native_layer_norm(a, [4], b, c, 1e-5)", (t(3, 4), t(4), t(4, salt=1)))
    f.add("native_batch_norm", "torch.native_batch_norm(a, b, c, d, e, False, 0.1, 1e-5)",
          (t(2, 3, 4), t(3), t(3, salt=1), m, v))
    return f


def losses():
    f = Family("losses", "loss functions with every reduction")
    x, y = t(4, 3), t(4, 3, salt=1)
    classes = torch.tensor([0, 2, 1, 2])
    p = torch.sigmoid(t(4, 3))
    binary = (t(4, 3, salt=2) > 0).float()
    sign = torch.tensor([1.0, -1.0, 1.0, -1.0])
    for r in ("mean", "sum", "none"):
        k = f"reduction='{r}'"
        for name, op in [("mse_loss", "mse_loss"), ("l1_loss", "l1_loss"), ("smooth_l1_loss", "smooth_l1_loss"),
                         ("huber_loss", "huber_loss"), ("kl_div", "kl_div"), ("poisson_nll_loss", "poisson_nll_loss")]:
            f.add(op, f"F.{name}(a, b, {k})", (x, y.abs() if name in ("kl_div", "poisson_nll_loss") else y))
        f.add("binary_cross_entropy", f"F.binary_cross_entropy(a, b, {k})", (p, binary), (binary, 1 - binary))
        f.add("binary_cross_entropy", f"F.binary_cross_entropy(a, b, c, {k})", (p, binary, t(3).abs()))
        f.add("binary_cross_entropy_with_logits", f"F.binary_cross_entropy_with_logits(a, b, {k})", (x, binary))
        f.add("binary_cross_entropy_with_logits", f"F.binary_cross_entropy_with_logits(a, b, c, {k}, pos_weight=d)",
              (x, binary, t(3).abs(), t(3, salt=3).abs()))
        f.add("cross_entropy_loss", f"F.cross_entropy(a, b, {k})", (x, classes), (x, p), (t(2, 3, 4), i(2, 4)))
        f.add("cross_entropy_loss", f"F.cross_entropy(a, b, c, {k}, ignore_index=1, label_smoothing=0.1)",
              (x, classes, t(3).abs()))
        f.add("nll_loss_nd", f"F.nll_loss(a, b, {k})", (x, classes), (t(2, 3, 4), i(2, 4)), (t(2, 3, 2, 2), i(2, 2, 2)))
        f.add("nll_loss_nd", f"F.nll_loss(a, b, c, {k}, ignore_index=2)", (x, classes, t(3).abs()))
        f.add("cosine_embedding_loss", f"F.cosine_embedding_loss(a, b, c, 0.2, {k})", (x, y, sign))
        f.add("hinge_embedding_loss", f"F.hinge_embedding_loss(a, b, 0.8, {k})", (t(4), sign))
        f.add("margin_ranking_loss", f"F.margin_ranking_loss(a, b, c, 0.1, {k})", (t(4), t(4, salt=1), sign))
        f.add("soft_margin_loss", f"F.soft_margin_loss(a, b, {k})", (t(4), sign))
        f.add("multi_margin_loss", f"F.multi_margin_loss(a, b, {k})", (x, classes))
        f.add("multilabel_margin_loss", f"F.multilabel_margin_loss(a, b, {k})",
              (x, torch.tensor([[0, -1, 1], [2, 1, -1], [1, 0, 2], [-1, 0, 1]])))
        f.add("log_sigmoid", f"F.multilabel_soft_margin_loss(a, b, {k})", (x, binary))
        f.add("triplet_margin_loss", f"F.triplet_margin_loss(a, b, c, {k})", (x, y, t(4, 3, salt=2)))
        f.add("triplet_margin_loss", f"F.triplet_margin_loss(a, b, c, 0.5, 1.0, swap=True, {k})", (x, y, t(4, 3,
              salt=2)))
        f.add("ctc_loss.Tensor", f"F.ctc_loss(a, b, c, d, {k}, zero_infinity=True)",
              (t(6, 2, 4).log_softmax(2), torch.tensor([[1, 2, 3], [2, 2, 1]]), torch.tensor([6, 5]), torch.tensor([3,
                    2])))
        f.add("div.Tensor", f"F.gaussian_nll_loss(a, b, c, {k})", (x, y, positive(t(4, 3, salt=2))))
    f.add("smooth_l1_loss", "F.smooth_l1_loss(a, b, beta=0.5)", (x, y))
    f.add("huber_loss", "F.huber_loss(a, b, delta=0.5)", (x, y))
    f.add("kl_div", "F.kl_div(a, b, reduction='batchmean', log_target=True)", (x, y))
    f.add("nll_loss_nd", "F.nll_loss(a, b)", (x, torch.tensor([0, 3, 1, 2])), raises=True)
    f.add("multi_margin_loss", "F.multi_margin_loss(a, b, p=2, margin=0.5, weight=c)", (x, classes, t(3).abs()))
    f.add("multi_margin_loss", "F.multi_margin_loss(a, b)", (x, torch.tensor([0, 3, 1, 2])), raises=True)
    return f


def upsampling():
    f = Family("upsampling", "interpolate in every mode and rank, pixel grids, affine grids")
    one, two, three = t(1, 2, 5), t(1, 2, 4, 3), t(1, 1, 3, 2, 3)
    names = {"nearest": "upsample_nearest{}d.vec", "nearest-exact": "_upsample_nearest_exact{}d.vec"}
    for n, x in ((1, one), (2, two), (3, three)):
        linear = {1: "linear", 2: "bilinear", 3: "trilinear"}[n]
        for target in ("scale_factor=2.0", "scale_factor=1.5", f"size={[7, 5, 4][:n]}", "scale_factor=0.6",
              f"size={[2] * n}"):
            for mode, op in names.items():
                f.add(op.format(n), f"F.interpolate(a, {target}, mode='{mode}')", x)
            for align in (False, True):
                f.add(f"upsample_{linear}{n}d.vec",
                      f"F.interpolate(a, {target}, mode='{linear}', align_corners={align})", x)
                if n == 2:
                    f.add("upsample_bicubic2d.vec",
                          f"F.interpolate(a, {target}, mode='bicubic', align_corners={align})", x)
            if n == 2:
                for mode in ("bilinear", "bicubic"):
                    f.add(f"_upsample_{mode}2d_aa.vec", f"F.interpolate(a, {target}, mode='{mode}', antialias=True)", x)
            f.add(f"adaptive_avg_pool{n}d", f"F.interpolate(a, size={[2] * n}, mode='area')", x)
        f.add(f"upsample_{linear}{n}d.vec",
              f"F.interpolate(a, scale_factor=1.7, mode='{linear}', recompute_scale_factor=True)", x)
        f.add(names["nearest"].format(n), "F.interpolate(a, scale_factor=1.7, recompute_scale_factor=True)", x)
    f.add("upsample_bilinear2d.vec", "F.interpolate(a, scale_factor=[2.0, 3.0], mode='bilinear')", two,
          channels_last(two), two.double())
    f.add("upsample_nearest2d.vec", "F.interpolate(a, scale_factor=2.0)", channels_last(two), two.double(),
          (two * 9).to(torch.uint8))
    f.add("upsample_nearest2d", "torch._C._nn.upsample_nearest2d(a, [8, 6])", two)
    f.add("upsample_bilinear2d", "torch._C._nn.upsample_bilinear2d(a, [8, 6], False)", two)
    theta = t(1, 2, 3, scale=0.4) + torch.tensor([[1.0, 0, 0], [0, 1, 0]])
    for align in (False, True):
        f.add("affine_grid_generator", f"F.affine_grid(a, [1, 2, 3, 4], align_corners={align})", theta)
        f.add("affine_grid_generator", f"F.affine_grid(a, [1, 1, 2, 3, 2], align_corners={align})", t(1, 3, 4))
        for mode in ("bilinear", "nearest", "bicubic"):
            for pad in ("zeros", "border", "reflection"):
                f.add("grid_sampler", f"F.grid_sample(a, b, '{mode}', '{pad}', {align})", (two, t(1, 3, 4, 2)))
        f.add("grid_sampler", f"F.grid_sample(a, b, align_corners={align})", (three, t(1, 2, 2, 3, 3)))
    return f


def padding():
    f = Family("padding", "pad in every mode and rank")
    for mode in ("constant", "reflect", "replicate", "circular"):
        f.add("pad", f"F.pad(a, [1, 2], '{mode}')", t(1, 2, 4), t(4, 2, 1).permute(2, 1, 0))
        f.add("pad", f"F.pad(a, [1, 2, 2, 0], '{mode}')", t(1, 2, 3, 4), channels_last(t(1, 2, 3, 4)))
        f.add("pad", f"F.pad(a, [1, 0, 0, 1, 1, 1], '{mode}')", t(1, 1, 2, 2, 3))
        if mode != "constant":
            f.add("pad", f"F.pad(a, [1, 2], '{mode}')", t(2, 4))
    f.add("pad", "F.pad(a, [1, 1])", t(3), t(2, 3), i(3), t(0), t(2, dtype=torch.bool))
    f.add("pad", "F.pad(a, [1, 1, 2, 0], value=2.5)", t(2, 3), t(2, 3, dtype=torch.float64))
    f.add("pad", "F.pad(a, [-1, 1])", t(2, 4))
    f.add("pad", "F.pad(a, [0, -2, 0, 1])", t(3, 4))
    f.add("pad", "F.pad(a, [5, 5], 'reflect')", t(1, 2, 4), raises=True)
    f.add("constant_pad_nd", "torch.constant_pad_nd(a, [1, 2], 3)", t(2, 3))
    for n, pads in ((1, "[1, 2]"), (2, "[1, 0, 2, 1]"), (3, "[1, 1, 1, 0, 0, 1]")):
        x = t(1, 2, *(3, 4, 3)[:n])
        f.add(f"reflection_pad{n}d", f"torch._C._nn.reflection_pad{n}d(a, {pads})", x)
        f.add(f"replication_pad{n}d", f"torch._C._nn.replication_pad{n}d(a, {pads})", x)
    return f


def recurrent():
    f = Family("recurrent", "lstm, gru, rnn and their cells, packed sequences")

    def weights(gates, layers, directions, inputs, hidden, bias, salt=0):
        result = []
        for layer in range(layers):
            for d in range(directions):
                n = inputs if layer == 0 else hidden * directions
                result += [t(gates * hidden, n, scale=0.5, salt=salt + 10 * layer + d),
                           t(gates * hidden, hidden, scale=0.5, salt=salt + 10 * layer + d + 2)]
                if bias:
                    result += [t(gates * hidden, salt=layer + 4 + d), t(gates * hidden, salt=layer + 6 + d)]
        return result

    for layers, directions, bias, first in [(1, 1, True, True), (1, 1, False, False), (2, 1, True, False),
                                            (1, 2, True, True), (2, 2, True, False)]:
        shape = (2, 4, 3) if first else (4, 2, 3)
        h = t(layers * directions, 2, 5)
        more = f"{bias}, {layers}, 0.0, False, {directions == 2}, {first}"
        f.add("lstm.input", f"torch.lstm(a, b, c, {more})", (t(*shape), [h, h * 0.5], weights(4, layers, directions,
              3, 5, bias)))
        for op, gates in (("gru", 3), ("rnn_tanh", 1), ("rnn_relu", 1)):
            f.add(f"{op}.input", f"torch.{op}(a, b, c, {more})", (t(*shape), h, weights(gates, layers, directions, 3,
                  5, bias)))
    h, sizes = t(1, 3, 5), torch.tensor([3, 2, 1])
    f.add("lstm.data", "torch.lstm(a, b, c, d, True, 1, 0.0, False, False)", (t(6, 3), sizes, [h, h], weights(4, 1, 1,
          3, 5, True)))
    f.add("gru.data", "torch.gru(a, b, c, d, True, 1, 0.0, False, False)", (t(6, 3), sizes, h, weights(3, 1, 1, 3, 5,
          True)))
    cell = lambda gates: (t(gates * 5, 3), t(gates * 5, 5), t(gates * 5), t(gates * 5, salt=1))
    f.add("lstm_cell", "torch.lstm_cell(a, b, c, d, e, f)", (t(2, 3), [t(2, 5), t(2, 5, salt=1)], *cell(4)))
    f.add("gru_cell", "torch.gru_cell(a, b, c, d, e, f)", (t(2, 3), t(2, 5), *cell(3)))
    f.add("rnn_tanh_cell", "torch.rnn_tanh_cell(a, b, c, d, e, f)", (t(2, 3), t(2, 5), *cell(1)))
    f.add("rnn_relu_cell", "torch.rnn_relu_cell(a, b, c, d, e, f)", (t(2, 3), t(2, 5), *cell(1)))
    f.add("_pack_padded_sequence", "torch._pack_padded_sequence(a, b, True)", (t(3, 4, 2), torch.tensor([4, 2, 1])))
    f.add("_pack_padded_sequence", "torch._pack_padded_sequence(a, b, False)", (t(4, 3, 2), torch.tensor([4, 4, 1])))
    f.add("_pad_packed_sequence", "torch._pad_packed_sequence(a, b, True, 0.0, 4)", (t(7, 2), torch.tensor([3, 2, 1,
          1])))
    return f


def attention():
    f = Family("attention", "linear, bilinear, attention, Gumbel-free softmax products")
    f.add("linear", "F.linear(a, b)", (t(2, 3), t(4, 3)), (t(3), t(4, 3)), (t(2, 2, 3), t(4, 3)), (t(3, 2).t(), t(4,
          3)),
          (t(0, 3), t(4, 3)), (t(2, 3).double(), t(4, 3).double()), (t(2, 3).bfloat16(), t(4, 3).bfloat16()))
    f.add("linear", "F.linear(a, b, c)", (t(2, 3), t(4, 3), t(4)), (t(3), t(4, 3), t(4)), (t(2, 5, 3), t(4, 3), t(4)),
          (t(2, 3), t(3, 4).t(), t(4)))
    f.add("linear", "F.linear(a, b)", (t(2, 3), t(4, 2)), raises=True)
    f.add("bilinear", "F.bilinear(a, b, c, d)", (t(2, 3), t(2, 4), t(5, 3, 4), t(5)))
    f.add("_scaled_dot_product_attention", "torch._C._nn._scaled_dot_product_attention(a, b, c)",
          (t(1, 2, 4, 3), t(1, 2, 5, 3), t(1, 2, 5, 3, salt=1)))
    f.add("_scaled_dot_product_attention",
          "torch._C._nn._scaled_dot_product_attention(a, b, c, None, 0.0, True, True)",
          (t(1, 2, 4, 3), t(1, 2, 4, 3, salt=1), t(1, 2, 4, 3, salt=2)))
    f.add("_native_multi_head_attention",
          "torch._native_multi_head_attention(a, a, a, 4, 2, b, c, d, e, None, False, True)",
          (t(2, 3, 4), t(12, 4), t(12), t(4, 4), t(4)))
    f.add("_native_multi_head_attention",
          "torch._native_multi_head_attention(a, a, a, 4, 2, b, c, d, e, None, True, False)",
          (t(2, 3, 4), t(12, 4), t(12), t(4, 4), t(4)))
    f.add("_transformer_encoder_layer_fwd",
          "torch._transformer_encoder_layer_fwd(a, 4, 2, b[0], b[1], b[2], b[3], False, False, 1e-5, b[4], b[5], "
          "b[6], b[7], b[8], b[9], b[10], b[11])",
          (t(2, 3, 4), [t(12, 4), t(12), t(4, 4), t(4), t(4), t(4), t(4), t(4), t(6, 4), t(6), t(4, 6), t(4)]))
    return f
