"""What the small practical shows."""


def show(mask):
    print("the mask:", mask.tolist())
