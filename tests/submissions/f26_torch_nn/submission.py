# base: released

# %% solution rnn_step
import torch


def rnn_step(x, h, W_xh, W_hh, b_h):
    cell = torch.nn.RNNCell(x.shape[1], len(b_h), dtype=torch.float64)
    with torch.no_grad():
        for own, given in (
            (cell.weight_ih, W_xh.T),
            (cell.weight_hh, W_hh.T),
            (cell.bias_ih, b_h),
            (cell.bias_hh, 0 * b_h),
        ):
            own.copy_(torch.from_numpy(np.ascontiguousarray(given)))
        return cell(torch.from_numpy(x), torch.from_numpy(h)).numpy()
