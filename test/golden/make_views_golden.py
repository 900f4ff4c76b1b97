"""Writes what torchvision's five_crop, ten_crop and hflip give: views.json.

Needs what make_golden.py needs, whose images these are. Usage, in this folder: python make_views_golden.py

A case has the SHA-256 of each view in its order.
"""

import hashlib
import json

from make_golden import PILLOW, TORCHVISION, make_images
from torchvision.transforms import functional

SIZES = (1, 2, 3, 4, 30, 31, 47)


def cases():
    for index, image in enumerate(make_images()):
        for size in (size for size in SIZES if size <= min(image.size)):
            yield index, "fiveCrop", [size], functional.five_crop(image, [size])
            yield index, "tenCrop", [size], functional.ten_crop(image, [size])
        yield index, "mirrorViews", [], (image, functional.hflip(image))


def digest(view):
    return hashlib.sha256(view.tobytes()).hexdigest()[:16]


def main():
    lines = [
        json.dumps({"image": image, "operator": operator, "arguments": arguments, "views": [digest(v) for v in views]})
        for image, operator, arguments, views in cases()
    ]
    versions = json.dumps({"pillow": PILLOW, "torchvision": TORCHVISION})
    with open("views.json", "w") as file:
        file.write('{"versions": ' + versions + ', "cases": [\n' + ",\n".join(lines) + "\n]}\n")


if __name__ == "__main__":
    main()
