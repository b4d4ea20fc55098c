# base: solved

# %% solution VanillaRNN
class VanillaRNN:
    """A recurrent network that takes one time step at a call and remembers its state."""

    def __init__(self, input_size, hidden_size, output_size, rng):
        self.W_xh = rng.normal(size=(input_size, hidden_size)) / np.sqrt(input_size)
        self.W_hh = rng.normal(size=(hidden_size, hidden_size)) / np.sqrt(hidden_size)
        self.W_hy = rng.normal(size=(hidden_size, output_size)) / np.sqrt(hidden_size)
        self.b_h = np.zeros(hidden_size)
        self.b_y = np.zeros(output_size)
        self.hidden_state = np.zeros((1, hidden_size))

    def forward(self, x):
        h = np.tanh(x @ self.W_xh + self.hidden_state @ self.W_hh + self.b_h)
        return h @ self.W_hy + self.b_y

    def reset(self):
        self.hidden_state = np.zeros((1, self.W_hh.shape[0]))
