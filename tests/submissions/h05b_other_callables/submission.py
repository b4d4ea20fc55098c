# base: solved

# %% solution rnn_step
class Step:
    def __init__(self, activation):
        self.activation = activation

    def __call__(self, x, h, W_xh, W_hh, b_h):
        return self.activation(x @ W_xh + h @ W_hh + b_h)


rnn_step = Step(np.tanh)

# %% solution rnn_forward
import functools


def over_time(step, x, h0, W_xh, W_hh, b_h):
    states = [h0]
    for x_t in np.moveaxis(x, 1, 0):
        states.append(step(x_t, states[-1], W_xh, W_hh, b_h))
    return np.stack(states[1:], axis=1)


rnn_forward = functools.partial(over_time, rnn_step)

# %% solution rnn_output
rnn_output = lambda h, W_hy, b_y: np.einsum("...h,hm->...m", h, W_hy) + b_y

# %% solution rnn_parameter_count
class Counts:
    @staticmethod
    def count(D, H, M):
        return sum(n * m for n, m in ((D + 1, H), (H, H), (H + 1, M)))


rnn_parameter_count = Counts().count

# %% solution stacked_weights
def talks(function):
    @functools.wraps(function)
    def inner(*arguments, **named):
        print("calling", function.__name__)
        return function(*arguments, **named)

    return inner


@talks
def stacked_weights(W_xh, W_hh):
    return np.vstack([W_hh, W_xh]).T

# %% solution sequence_loss
def make(scale):
    def loss(y, target):
        per_step = scale * np.sum((y - target) ** 2, axis=(0, 2)) / y.shape[0]
        return per_step, per_step.sum(), per_step[-1]

    return loss


sequence_loss = make(0.5)
