# base: solved

# %% solution VanillaRNN
class Base:
    def draw(self, rng, rows, columns):
        return rng.standard_normal((rows, columns)) / rows**0.5


class VanillaRNN(Base):
    __slots__ = ("W_xh", "W_hh", "W_hy", "b_h", "b_y", "_state", "steps")

    def __init__(self, input_size: int, hidden_size: int, output_size: int, rng=None) -> None:
        rng = rng or np.random.default_rng()
        self.W_xh = self.draw(rng, input_size, hidden_size)
        self.W_hh = self.draw(rng, hidden_size, hidden_size)
        self.W_hy = self.draw(rng, hidden_size, output_size)
        self.b_h, self.b_y = np.zeros(hidden_size), np.zeros(output_size)
        self.reset()

    @property
    def hidden_state(self):
        return self._state

    @hidden_state.setter
    def hidden_state(self, value):
        self._state = value

    def forward(self, x):
        self.steps += 1
        self.hidden_state = np.tanh(x @ self.W_xh + self.hidden_state @ self.W_hh + self.b_h)
        return self.hidden_state @ self.W_hy + self.b_y

    def reset(self):
        self._state, self.steps = np.zeros((1, self.b_h.size)), 0

    __call__ = forward
