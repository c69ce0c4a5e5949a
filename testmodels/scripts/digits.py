"""Trains a small convolutional classifier on scikit-learn's 8x8 handwritten digits and writes the case `digits`.

One CPU thread, a few seconds. The test set (a fifth of the 1797 digits) is never trained on.
"""
import os

import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F
from PIL import Image
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split

from casefile import RESOURCES, Case

NAMES = ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"]


class DigitClassifier(nn.Module):
    """Two convolution stages and two linear layers; takes N x 1 x 8 x 8 in [0,1], ink bright, and returns logits."""

    def __init__(self):
        super().__init__()
        self.stem = nn.Sequential(nn.Conv2d(1, 16, 3, padding=1), nn.BatchNorm2d(16), nn.ReLU())
        self.body = nn.Sequential(nn.Conv2d(16, 32, 3, padding=1), nn.BatchNorm2d(32), nn.ReLU(), nn.MaxPool2d(2))
        self.hidden = nn.Linear(32 * 4 * 4, 64)
        self.dropout = nn.Dropout(0.3)
        self.head = nn.Linear(64, 10)

    def forward(self, image: torch.Tensor) -> torch.Tensor:
        x = self.body(self.stem(image))
        x = F.relu(self.hidden(x.flatten(1)))
        return self.head(self.dropout(x))


def varied(images, rng):
    """Small affine changes and blur, so that an image that was scaled up and down again is still recognised."""
    n = images.shape[0]
    angle = torch.from_numpy(rng.uniform(-0.17, 0.17, n)).float()
    scale = torch.from_numpy(rng.uniform(0.9, 1.1, n)).float()
    move = torch.from_numpy(rng.uniform(-0.12, 0.12, (n, 2))).float()
    c, s = torch.cos(angle) * scale, torch.sin(angle) * scale
    theta = torch.stack([torch.stack([c, -s, move[:, 0]], 1), torch.stack([s, c, move[:, 1]], 1)], 1)
    moved = F.grid_sample(images, F.affine_grid(theta, list(images.shape), align_corners=False), align_corners=False)
    tap = torch.tensor([1.0, 4.0, 1.0]) / 6
    blurred = F.conv2d(moved, (tap[:, None] * tap[None, :])[None, None], padding=1)
    return torch.lerp(moved, blurred, torch.from_numpy(rng.integers(0, 2, (n, 1, 1, 1))).float())


def train(images, labels, epochs=90):
    torch.manual_seed(7)
    rng = np.random.default_rng(7)
    model = DigitClassifier()
    optimizer = torch.optim.AdamW(model.parameters(), lr=3e-3, weight_decay=1e-3)
    steps = epochs * ((len(images) + 63) // 64)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, 6e-3, total_steps=steps)
    for _ in range(epochs):
        for batch in torch.randperm(len(images)).split(64):
            optimizer.zero_grad()
            F.cross_entropy(model(varied(images[batch], rng)), labels[batch]).backward()
            optimizer.step()
            schedule.step()
    return model.eval()


def main():
    torch.set_num_threads(1)
    data = load_digits()
    images = torch.from_numpy(data.images / 16.0).float().unsqueeze(1)
    labels = torch.from_numpy(data.target).long()
    order = np.arange(len(labels))
    train_set, test_set = train_test_split(order, test_size=0.2, random_state=7, stratify=data.target)
    model = train(images[train_set], labels[train_set])
    with torch.no_grad():
        right = model(images[test_set]).argmax(1) == labels[test_set]
    print(f"test accuracy {right.float().mean().item():.4f} ({int(right.sum())} of {len(right)})")
    for p in model.parameters():
        p.requires_grad_(False)

    case = Case(os.path.join(RESOURCES, "digits"), "digit classifier trained on handwritten digits: "
                "ten held-out digits one by one, then the whole held-out set", eval=True)
    case.archive(torch.jit.script(model))
    case.session("one of each")
    # The first held-out image of each class that survives shrinking by either filter; the file name is the label.
    for digit in range(10):
        index = next(i for i in test_set if labels[i] == digit and survives(model, picture(data.images[i]), digit))
        file = os.path.join(case.folder, f"{NAMES[digit]}.png")
        Image.fromarray(picture(data.images[index]), "L").save(file, optimize=True)
        case.call(images[index:index + 1], about=f"a handwritten {digit}")
    case.session("held-out set").call(images[test_set])
    case.write()
    np.save(os.path.join(case.folder, "held-out-labels.npy"), labels[test_set].to(torch.int32).numpy())
    with open(os.path.join(case.folder, "labels.txt"), "w") as f:
        f.write("\n".join(NAMES) + "\n")


def picture(image):
    """64 x 64 grey levels for people to look at: every one of the 8 x 8 cells becomes a square."""
    return np.kron(image * 255 / 16, np.ones((8, 8))).round().astype(np.uint8)


def survives(model, pixels, digit):
    """Whether the picture is read rightly after it was shrunk to 8 x 8, with and without an anti-aliasing filter."""
    full = torch.from_numpy(pixels.astype(np.float32) / 255)[None, None]
    small = [F.interpolate(full, size=(8, 8), mode="bilinear", antialias=flag) for flag in (False, True)]
    return all(model(x).softmax(1)[0, digit].item() > 0.95 for x in small)


if __name__ == "__main__":
    main()
